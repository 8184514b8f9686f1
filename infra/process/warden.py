"""The one who puts out the light: ends a run's processes when its supervisor dies, even by ``kill -9``.

The kernel ends a supervisor's own children with it (:mod:`infra.process.spawned`), but not their children.
The warden reads a pipe whose other end only the supervisor holds; its end of file means that the supervisor
is gone.
"""

from __future__ import annotations

import os
import signal
import sys

from infra.process.sweep import sweep


def watch(descriptor: int, mark: str) -> None:
    """Wait until the pipe behind ``descriptor`` ends, then sweep away what carries ``mark``."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while os.read(descriptor, 1):
        pass
    sweep(mark, grace_seconds=1.0)


if __name__ == "__main__":
    watch(sys.stdin.fileno(), sys.argv[1])
