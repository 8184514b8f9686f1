"""One supervisor for one state folder: the kernel holds the lock, and ends it with its holder."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from infra.process.errors import AlreadyRunning

LOCK_NAME = "supervisor.lock"


@contextmanager
def supervisor_lock(state: Path, patience_seconds: float = 1.0) -> Generator[None]:
    """Hold the state folder's lock; ``patience_seconds`` outlasts somebody who only looks at it.

    Raises:
        AlreadyRunning: when another supervisor holds it.
    """
    state.mkdir(parents=True, exist_ok=True)
    with (state / LOCK_NAME).open("a") as stream:
        if not _taken(stream, patience_seconds):
            raise AlreadyRunning(
                f"a supervisor already runs for {state}: see it with 'homeostat process status', "
                "stop it with 'homeostat process down'."
            )
        yield


def is_locked(state: Path) -> bool:
    """Whether a supervisor runs for ``state``."""
    if not (state / LOCK_NAME).exists():
        return False
    try:
        with supervisor_lock(state, patience_seconds=0):
            return False
    except AlreadyRunning:
        return True


def _taken(stream: TextIO, patience_seconds: float) -> bool:
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
        else:
            return True
