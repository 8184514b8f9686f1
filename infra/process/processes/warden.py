"""The one who puts out the light: ends what carries a mark when its starter dies, even by ``kill -9``.

The kernel ends a supervisor's own children with it (:mod:`infra.process.processes.spawned`), but not their
children. The warden reads a pipe whose other end only its starter holds; its end of file means that the
starter is gone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from infra.linux.sweep import sweep

_REPOSITORY = Path(__file__).parents[3]


@contextmanager
def warden(mark: str) -> Generator[int]:
    """Have a warden of what carries ``mark`` until the block ends; yields its process id."""
    reading, writing = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-m", "infra.process.processes.warden", mark],
        stdin=reading,
        stdout=subprocess.DEVNULL,
        cwd=_REPOSITORY,
        start_new_session=True,
    ) as process:
        os.close(reading)
        try:
            yield process.pid
        finally:
            os.close(writing)


def watch(descriptor: int, mark: str) -> None:
    """Wait until the pipe behind ``descriptor`` ends, then sweep away what carries ``mark``."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while os.read(descriptor, 1):
        pass
    sweep(mark, grace_seconds=1.0)


if __name__ == "__main__":
    watch(sys.stdin.fileno(), sys.argv[1])
