"""End what a crash left behind: every process that carries a platform's mark.

Signals go through process descriptors, so a process id that is used again can't be hit.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

from infra.linux import proc
from infra.linux.marks import MARKS_VARIABLE, carries


@dataclass(frozen=True, slots=True)
class Leftover:
    """A process that was found with the mark."""

    pid: int
    command: str


def leftovers(mark: str, spared: Collection[int] = ()) -> list[Leftover]:
    """This user's processes with ``mark``, except ``spared``, the caller and the caller's ancestors."""
    left_alone = {*spared, *proc.ancestors(os.getpid())}
    return [
        Leftover(pid, proc.command(pid))
        for pid in proc.own_processes()
        if pid not in left_alone and carries(proc.variable(pid, MARKS_VARIABLE), mark)
    ]


def sweep(mark: str, spared: Collection[int] = (), grace_seconds: float = 2.0) -> list[Leftover]:
    """End every process with ``mark``: politely at first, and for good after ``grace_seconds``.

    Looks again until nothing is found, since a process may start another while it is being ended.

    Returns:
        What was found, for the person who wants to know.
    """
    found: dict[int, Leftover] = {}
    began = time.monotonic()
    while remaining := leftovers(mark, spared):
        found |= {leftover.pid: leftover for leftover in remaining}
        late = time.monotonic() - began
        if late > grace_seconds + 10:
            break  # unkillable (stuck in the kernel): the caller is not held up for ever
        for leftover in remaining:
            _send(leftover.pid, signal.SIGKILL if late > grace_seconds else signal.SIGTERM, mark)
        time.sleep(0.05)
    return list(found.values())


def _send(pid: int, number: signal.Signals, mark: str) -> None:
    with suppress(ProcessLookupError, PermissionError):
        descriptor = os.pidfd_open(pid)
        try:
            # asked again: between the listing and the descriptor the number may have changed hands
            if carries(proc.variable(pid, MARKS_VARIABLE), mark):
                signal.pidfd_send_signal(descriptor, number)
        finally:
            os.close(descriptor)
