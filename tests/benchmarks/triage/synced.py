"""That an alert is on disk before its 2xx, as the kernel saw it: the order of triage's own system calls.

strace notes them. Calls are made one after the other, so each alert has its own stretch of the log: the
thread that writes the alert's bytes to SQLite's write-ahead log must have ended a successful ``fdatasync`` of
that file after it and before the answer is written to the connection.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.triage.load import call, post_all
from tests.benchmarks.triage.outcome import Outcome
from tests.benchmarks.triage.server import NO_SERIES, Server, standing_in

_CALLS = 100
_LINE = re.compile(r"^(?P<thread>\d+) +(?:[\d.]+ )?(?P<rest>.*)$")
_STARTED = re.compile(r"^(?P<call>\w+)\((?P<arguments>.*)")


@dataclass(frozen=True, slots=True)
class Event:
    """One ended system call."""

    thread: str
    call: str
    text: str


def synced(folder: Path) -> list[Outcome]:
    """Trace some calls and look at the order."""
    what = "alerts whose bytes were fdatasync'ed to the log before their 2xx was sent (strace)"
    if shutil.which("strace") is None:
        return [Outcome(what, "not measured: strace is not on this machine")]
    log = folder / "strace.log"
    trace = ["strace", "-f", "-y", "-s", "16384", "-o", str(log)]
    trace += ["-e", "trace=pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg", "-e", "signal=none"]
    with standing_in(NO_SERIES) as prometheus:
        server = Server(folder, prometheus.url)
        server.start(*trace)
        accepted: list[str] = []
        for index in range(_CALLS):
            accepted += post_all(server.port, [call(index)], 0.1).accepted
        _end(server)
    proven = proofs(events(log.read_text(encoding="utf-8", errors="replace").splitlines()), accepted)
    target = f"{len(accepted)}"
    return [Outcome(what, f"{proven} of {len(accepted)}", target, proven == len(accepted) == _CALLS)]


def events(lines: Sequence[str]) -> Sequence[Event]:
    """The system calls in the order in which they ended; those that succeeded."""
    begun: dict[str, str] = {}
    found: list[Event] = []
    for line in lines:
        matched = _LINE.match(line)
        if matched is None:
            continue
        thread, rest = matched["thread"], matched["rest"]
        if rest.endswith("<unfinished ...>"):
            begun[thread] = rest.removesuffix("<unfinished ...>")
            continue
        if rest.startswith("<..."):
            rest = begun.pop(thread, "") + rest.partition("resumed>")[2]
        started = _STARTED.match(rest)
        if started and not re.search(r"= -1 ", rest[-80:]):
            found.append(Event(thread, started["call"], rest))
    return found


def proofs(seen: Sequence[Event], fingerprints: Sequence[str]) -> int:
    """For how many alerts the order is right."""
    answers = [index for index, event in enumerate(seen) if "HTTP/1.1 202" in event.text]
    proven, since = 0, 0
    for fingerprint, answered in zip(fingerprints, answers, strict=False):
        stretch = seen[since:answered]
        written = [
            index
            for index, event in enumerate(stretch)
            if event.call == "pwrite64" and "triage.db-wal" in event.text and fingerprint in event.text
        ]
        if written:
            writer = stretch[written[0]].thread
            after = stretch[written[-1] + 1 :]
            proven += any(
                event.thread == writer and event.call == "fdatasync" and "triage.db-wal" in event.text
                for event in after
            )
        since = answered + 1
    return proven


def _end(server: Server) -> None:
    """End the traced process, and strace with it."""
    if server.process is None:
        return
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(server.process.pid)], capture_output=True, text=True, check=False
    )
    for pid in listed.stdout.split():
        subprocess.run(["kill", "-9", pid], check=False)
    server.process.wait(30)
