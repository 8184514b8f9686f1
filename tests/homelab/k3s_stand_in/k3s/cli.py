"""The command line of ``k3s``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from . import commands, log
from .agent import Agent
from .log import FatalError
from .machine import this_machine
from .options import Options, UsageError, read_options
from .paths import Paths
from .processes import Children, stop_by_signal
from .release import Release, this_release
from .reset import Reset
from .server import Server

_USAGE = """NAME:
   k3s - Kubernetes, but small and simple

USAGE:
   k3s [global options] command [command options]

COMMANDS:
   server           Run management server
   agent            Run node agent
   kubectl          Run kubectl
   token            Manage tokens
   etcd-snapshot    Manage etcd snapshots
   secrets-encrypt  Control secrets encryption and keys rotation
   certificate      Manage K3s certificates
"""


_SNAPSHOTS = ("save", "ls", "list", "delete", "prune")
_TWO_WORDS: Mapping[tuple[str, str], Callable[[Options], None]] = {
    ("token", "rotate"): commands.rotate_token,
    ("certificate", "check"): commands.check_certificates,
    ("certificate", "rotate"): commands.rotate_certificates,
    ("secrets-encrypt", "status"): commands.encryption_status,
}


def main() -> None:
    """Run what the command line says."""
    release, words = this_release(), sys.argv[1:]
    try:
        if Path(sys.argv[0]).name == "kubectl":
            commands.kubectl(release, words, os.environ)
        _run(release, words)
    except (FatalError, UsageError) as error:
        log.fatal(str(error))


def _run(release: Release, words: Sequence[str]) -> None:
    match words:
        case ["--version" | "-v", *_]:
            log.say(f"k3s version {release.version} ({release.commit})\ngo version {release.go_version}")
        case [] | ["--help" | "-h" | "help", *_]:
            log.say(_USAGE)
        case ["kubectl", *rest]:
            commands.kubectl(release, rest, os.environ)
        case ["server", *rest]:
            _serve(release, read_options("server", rest, os.environ))
        case ["agent", *rest]:
            _agent(release, read_options("agent", rest, os.environ))
        case ["etcd-snapshot", action, *rest] if action in _SNAPSHOTS:
            commands.etcd_snapshot(action, read_options("etcd-snapshot", rest, os.environ))
        case [first, second, *rest] if (run := _TWO_WORDS.get((first, second))) is not None:
            command = first if first == "secrets-encrypt" else f"{first} {second}"
            run(read_options(command, rest, os.environ))
        case _:
            raise UsageError(f"No help topic for '{' '.join(words[:2])}'")


def _serve(release: Release, options: Options) -> None:
    paths, machine = _paths(options), this_machine(options)
    children = Children(paths.logs)
    stop_by_signal()
    try:
        if options.on("cluster-reset"):
            Reset(release, paths, options, machine, children).run()
        else:
            Server(release, paths, options, machine, children).run()
    finally:
        children.stop()


def _agent(release: Release, options: Options) -> None:
    paths = _paths(options)
    children = Children(paths.logs)
    stop_by_signal()
    try:
        Agent(release, paths, options, this_machine(options), children).run()
    finally:
        children.stop()


def _paths(options: Options) -> Paths:
    return Paths(Path(options.one("data-dir", str(Paths().data))))
