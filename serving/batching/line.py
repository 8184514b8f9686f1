"""The requests that wait for the engine, in the order of their arrival, and how batches are made of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from serving.batching.limits import Limits
from serving.batching.pending import Pending


class Line:
    """A bounded queue; a request is never split and never overtakes another."""

    __slots__ = ("_limits", "_rows", "_waiting")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._waiting: deque[Pending] = deque()
        self._rows = 0

    @property
    def rows(self) -> int:
        """The rows that wait."""
        return self._rows

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Pending]:
        return iter(self._waiting)

    def has_room(self, rows: int) -> bool:
        """Whether a request of so many rows may wait; one that is larger than all of the room, only alone."""
        if not self._waiting:
            return True
        return (
            len(self._waiting) < self._limits.max_queued_requests
            and self._rows + rows <= self._limits.max_queued_rows
        )

    def join(self, pending: Pending) -> None:
        """Wait behind all others."""
        self._waiting.append(pending)
        self._rows += len(pending.rows)

    def leave(self, pending: Pending) -> None:
        """Stop waiting; nothing happens when it does not wait."""
        try:
            self._waiting.remove(pending)
        except ValueError:
            return
        self._rows -= len(pending.rows)

    def batch(self, refused: Callable[[Pending], bool]) -> list[Pending]:
        """Take as many as the engine may get at once, without those that are ``refused`` on the way.

        A request that is larger than a batch is one by itself. Empty only when nobody is left.
        """
        taken: list[Pending] = []
        rows = 0
        while self._waiting:
            size = len(self._waiting[0].rows)
            if refused(self._waiting[0]):
                self._pop(size)
                continue
            if taken and rows + size > self._limits.max_batch_rows:
                break
            taken.append(self._pop(size))
            rows += size
        return taken

    def drop(self, refused: Callable[[Pending], bool]) -> None:
        """Take out those that are ``refused``."""
        kept = [pending for pending in self._waiting if not refused(pending)]
        self._waiting = deque(kept)
        self._rows = sum(len(pending.rows) for pending in kept)

    def _pop(self, size: int) -> Pending:
        self._rows -= size
        return self._waiting.popleft()
