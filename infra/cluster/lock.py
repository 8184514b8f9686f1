"""One command at a time works on a cluster: the kernel holds the lock, and ends it with its holder."""

from __future__ import annotations

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from homeostat.errors import Refused


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold the lock of the file ``path``, which is made when it is missing.

    Raises:
        Refused: when another command works on the cluster.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                "another command works on this cluster: wait until it ends, and start again."
            ) from None
        yield
