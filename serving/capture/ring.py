"""The ring between requests and the writer: bounded in rows, and neither end ever waits for the other."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Exchange(NamedTuple):
    """One sampled request and its answer, as copies that nobody else holds."""

    #: seconds since the epoch
    time: float
    #: [rows, public features]: the columns of private features were never copied
    rows: NDArray[np.float64]
    #: [rows, classes]
    probabilities: NDArray[np.float64]
    #: index of the answered class for each row
    chosen: NDArray[np.intp]
    trace_id: str | None


class Ring:
    """Holds the newest exchanges, at most ``capacity_rows`` rows of them.

    One thread puts, one other takes. No lock: each number below has one writer, and of both ends that pop at
    the same time the deque gives an exchange to one.
    """

    def __init__(self, capacity_rows: int) -> None:
        self._capacity_rows = capacity_rows
        self._exchanges: deque[Exchange] = deque()
        self._put_rows = 0
        self._taken_rows = 0
        #: rows that were overwritten before anybody took them
        self.overwritten_rows = 0

    def put(self, exchange: Exchange) -> None:
        """Add the newest; the oldest leave as far as it needs their place, or itself if it is too large."""
        rows = len(exchange.rows)
        self._put_rows += rows
        if rows > self._capacity_rows:
            self.overwritten_rows += rows
            return
        while self._held_rows() > self._capacity_rows:
            try:
                oldest = self._exchanges.popleft()
            except IndexError:  # all of it was taken this moment
                break
            self.overwritten_rows += len(oldest.rows)
        self._exchanges.append(exchange)

    def take(self) -> Exchange | None:
        """The oldest exchange, or None when there is none."""
        try:
            exchange = self._exchanges.popleft()
        except IndexError:
            return None
        self._taken_rows += len(exchange.rows)
        return exchange

    def _held_rows(self) -> int:
        return self._put_rows - self._taken_rows - self.overwritten_rows
