"""One timer for the earliest of many deadlines: a timer for each request would cost more than its answer."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable


class Deadlines:
    """Calls ``due`` with the time when a watched deadline has come.

    ``due`` ends what is due and returns the next deadline, infinite for none. A deadline that is not needed
    any more is left to ring in vain, which is cheaper than a timer that is set and cancelled each time.
    """

    __slots__ = ("_at", "_due", "_loop", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, due: Callable[[float], float]) -> None:
        self._loop = loop
        self._due = due
        self._at = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, deadline: float) -> None:
        """Ring at ``deadline``, by the loop's time, or before."""
        if deadline < self._at:
            self.close()
            self._at = deadline
            self._timer = self._loop.call_at(deadline, self._ring)

    def close(self) -> None:
        """Forget every deadline."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._at = None, math.inf

    def _ring(self) -> None:
        # A loop may ring a little early; what was set for this moment is due nevertheless.
        now = max(self._loop.time(), self._at)
        self._timer, self._at = None, math.inf
        self.watch(self._due(now))
