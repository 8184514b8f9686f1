"""How many connections each worker holds, seen by all, so that none takes much more than its share.

Whichever worker wakes first would take a whole burst: 32 kept connections can all land on one of two. So a
worker that is ahead of another lets it go first for a moment. It only ever waits that moment: a connection is
never left because of one that should have taken it.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable

#: the count of a worker that does not accept: dead, or not listening yet
ABSENT = 2**31 - 1
#: by how many connections a worker may be ahead of the one with the fewest
LEAD = 2


def is_ahead(mine: int, others: Iterable[int]) -> bool:
    """Whether a worker with ``mine`` connections should let another one accept first.

    >>> is_ahead(3, [1]), is_ahead(2, [1]), is_ahead(9, [ABSENT]), is_ahead(9, [])
    (True, False, False, False)
    """
    return mine >= min(others, default=ABSENT) + LEAD


class Shares:
    """The counts of all workers in memory that they share; made before the fork."""

    def __init__(self, workers: int) -> None:
        self._counts = memoryview(mmap.mmap(-1, 4 * workers)).cast("i")
        for index in range(workers):
            self.lost(index)

    def of(self, index: int) -> Share:
        """The share of one worker."""
        return Share(self._counts, index)

    def lost(self, index: int) -> None:
        """Expect nothing of that worker until it listens again."""
        self._counts[index] = ABSENT


class Share:
    """One worker's count among the others'; only that worker writes it."""

    def __init__(self, counts: memoryview[int], index: int) -> None:
        self._counts, self._index = counts, index

    def open(self) -> None:
        """Say that this worker accepts connections."""
        self._counts[self._index] = 0

    def close(self) -> None:
        """Say that this worker accepts no more."""
        self._counts[self._index] = ABSENT

    def ahead(self) -> bool:
        """Whether another worker should go first."""
        counts = self._counts
        mine = counts[self._index]
        return mine != ABSENT and is_ahead(mine, (n for i, n in enumerate(counts) if i != self._index))

    def show(self, connections: int) -> None:
        """Let the others see how many connections this worker holds."""
        if self._counts[self._index] != ABSENT:
            self._counts[self._index] = connections
