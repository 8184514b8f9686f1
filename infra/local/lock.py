"""One command at a time works on a cluster: the kernel holds the lock, and ends it with its holder."""

from __future__ import annotations

import fcntl
from collections.abc import Generator
from contextlib import contextmanager

from homeostat.errors import Refused
from infra.local.place import Place


@contextmanager
def locked(place: Place) -> Generator[None]:
    """Hold the cluster's lock.

    Raises:
        Refused: when another command works on the cluster.
    """
    path = place.folder.with_name(f"{place.folder.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                "another command is working on this cluster: wait for its end, and start again."
            ) from None
        yield
