"""The numbers of all workers in memory that they share.

It is made before the workers are forked. Each writes to its own row only, and each slot by one thread, so
nothing is locked; whoever is scraped reads all rows. A row outlives its worker, and its successor counts on
in it, so that no counter ever goes back because a process died.

A number is 8 bytes at a multiple of 8, which processors of 64 bit write and read whole.
"""

from __future__ import annotations

import mmap
import time
from typing import Self

import numpy as np
from numpy.typing import NDArray

from serving.metrics.layout import Layout

_NUMBER_BYTES = 8
#: of a processor's cache line, so that no two workers write to the same one
_LINE_NUMBERS = 8


class Board:
    """A row of numbers for each worker, zero at first."""

    def __init__(self, memory: mmap.mmap, workers: int, slots: int) -> None:
        self._whole = memoryview(memory).cast("d")
        self._stride = _stride(slots)
        self._table = np.frombuffer(memory, np.float64).reshape(workers, self._stride)[:, :slots]
        self._slots = slots
        self.workers = workers
        #: when all numbers were zero, in seconds since 1970
        self.created_seconds = time.time()

    @classmethod
    def create(cls, layout: Layout, workers: int) -> Self:
        """Take shared memory for ``workers`` rows; only processes forked afterwards share it."""
        numbers = workers * _stride(layout.slots)
        # without a file, so it is gone with the last process that has it, however they end
        return cls(mmap.mmap(-1, numbers * _NUMBER_BYTES), workers, layout.slots)

    def row(self, worker: int) -> memoryview[float]:
        """The numbers of one worker, to be written by it alone.

        Raises:
            IndexError: when there is no such worker.
        """
        if not 0 <= worker < self.workers:
            raise IndexError(f"There is no worker {worker}: the board has {self.workers} rows.")
        first = worker * self._stride
        return self._whole[first : first + self._slots]

    def rows(self) -> NDArray[np.float64]:
        """A copy of everything: [workers, slots]."""
        return self._table.copy()

    def total(self) -> NDArray[np.float64]:
        """The sum of all rows: [slots]."""
        return self._table.sum(axis=0)


def _stride(slots: int) -> int:
    return -(-slots // _LINE_NUMBERS) * _LINE_NUMBERS
