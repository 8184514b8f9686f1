"""At most one runner works the queue, and whoever pushes can tell whether one is there."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(path: Path) -> Generator[bool]:
    """Try to hold the lock at ``path`` while the block runs; yields whether it was free.

    The kernel lets go of it however the process ends.
    """
    with _locked(path, fcntl.LOCK_EX) as free:
        yield free


@contextmanager
def held_patiently(path: Path, patience_seconds: float = 5.0) -> Generator[bool]:
    """Like :func:`held`, but wait a little for one that is just ending or for somebody who only asks."""
    until = time.monotonic() + patience_seconds
    while True:
        with held(path) as free:
            if free or time.monotonic() > until:
                yield free
                return
        time.sleep(0.05)


def is_held(path: Path) -> bool:
    """Whether a runner holds the lock now; those who ask don't disturb each other."""
    with _locked(path, fcntl.LOCK_SH) as free:
        return not free


@contextmanager
def _locked(path: Path, kind: int) -> Generator[bool]:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _take(descriptor, kind)
    finally:
        os.close(descriptor)


def _take(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
