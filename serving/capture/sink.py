"""Where captured rows go: the seam to files, a queue or an object store."""

from __future__ import annotations

from typing import Protocol


class Sink(Protocol):
    """Keeps captured lines; called by one thread, which may wait here without a request noticing."""

    #: rows that were accepted and that it could not keep, such as those of a folder that somebody removed
    lost_rows: int

    def write(self, lines: bytes, rows: int) -> None:
        """Keep ``rows`` whole JSON lines, all or none of them.

        Raises:
            OSError: when none was kept; the same lines are offered again later.
        """
        ...

    def settle(self) -> None:
        """Let readers have what has waited long enough; called at least every second."""
        ...

    def close(self) -> None:
        """Let readers have all of it; nothing comes afterwards."""
        ...
