"""The command line of ``k3s``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
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
            print(f"k3s version {release.version} ({release.commit})\ngo version {release.go_version}")
        case ["kubectl", *rest]:
            commands.kubectl(release, rest, os.environ)
        case ["server", *rest]:
            _serve(release, read_options("server", rest, os.environ))
        case ["agent", *rest]:
            _agent(release, read_options("agent", rest, os.environ))
        case ["etcd-snapshot", "save" | "ls" | "list" | "delete" | "prune" as action, *rest]:
            commands.etcd_snapshot(action, read_options("etcd-snapshot", rest, os.environ))
        case ["token", "rotate", *rest]:
            commands.rotate_token(read_options("token rotate", rest, os.environ))
        case ["certificate", "check", *rest]:
            commands.check_certificates(read_options("certificate check", rest, os.environ))
        case ["certificate", "rotate", *rest]:
            commands.rotate_certificates(read_options("certificate rotate", rest, os.environ))
        case ["secrets-encrypt", "status", *rest]:
            commands.encryption_status(read_options("secrets-encrypt", rest, os.environ))
        case [] | ["--help" | "-h" | "help", *_]:
            print(_USAGE)
        case _:
            raise UsageError(f"No help topic for '{' '.join(words[:2])}'")


def _serve(release: Release, options: Options) -> None:
    paths, machine, children = _paths(options), this_machine(options), Children()
    stop_by_signal()
    try:
        if options.on("cluster-reset"):
            Reset(release, paths, options, machine, children).run()
        else:
            Server(release, paths, options, machine, children).run()
    finally:
        children.stop()


def _agent(release: Release, options: Options) -> None:
    children = Children()
    stop_by_signal()
    try:
        Agent(release, _paths(options), options, this_machine(options), children).run()
    finally:
        children.stop()


def _paths(options: Options) -> Paths:
    return Paths(Path(options.one("data-dir", str(Paths().data))))
