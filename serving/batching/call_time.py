"""How long the engine takes: what decides where it is called, and when a refused client should come back."""

from __future__ import annotations

import math

#: sizes are told apart by their number of bits, so that a large request is not judged by a small one
_SIZES = 64
#: how far a shorter call moves the estimate; after a second's hiccup it takes a hundred short calls to forget
_FORGETTING = 1 / 16


class CallTime:
    """A moving estimate for each size of a call, quick to believe in a slow engine and slow to forget it."""

    __slots__ = ("_seconds",)

    def __init__(self) -> None:
        self._seconds = [math.inf] * _SIZES

    def seconds(self, rows: int) -> float:
        """The estimate for a call of so many rows; infinite until one of that size was measured."""
        return self._seconds[rows.bit_length()]

    def took(self, rows: int, seconds: float) -> None:
        """Learn from a call that answered."""
        size = rows.bit_length()
        known = self._seconds[size]
        if known < seconds or known == math.inf:
            self._seconds[size] = seconds
        else:
            self._seconds[size] = known + (seconds - known) * _FORGETTING

    def wasted(self, rows: int, seconds: float) -> None:
        """Learn from a call that failed: a slow one says that calls are slow, a quick one says nothing."""
        size = rows.bit_length()
        self._seconds[size] = max(self._seconds[size], seconds)

    def guess(self, rows: int) -> float:
        """The estimate for so many rows, from another size if there is none; 0 when nothing was measured.

        From a smaller size it grows with the rows, which is too long rather than too short.
        """
        size = rows.bit_length()
        for smaller in range(size, -1, -1):
            if self._seconds[smaller] < math.inf:
                return self._seconds[smaller] * 2 ** (size - smaller)
        larger = [seconds for seconds in self._seconds[size:] if seconds < math.inf]
        return larger[0] if larger else 0.0

    def to_answer(self, rows: int, batch_rows: int) -> float:
        """The guessed seconds for all ``rows`` in calls of at most ``batch_rows``."""
        whole, rest = divmod(rows, batch_rows)
        return whole * self.guess(batch_rows) + (self.guess(rest) if rest else 0.0)
