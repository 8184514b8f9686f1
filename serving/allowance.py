"""How many of something that clients cause may be said in a second; the others are only counted."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Allowance:
    """``most`` a second, the first ones of it; used from one thread."""

    most: int = 100
    #: in seconds
    clock: Callable[[], float] = time.monotonic
    _ends: float = -math.inf
    _left: int = 0
    _withheld: int = 0

    def take(self) -> bool:
        """Whether one more may be said."""
        now = self.clock()
        if now >= self._ends:
            self._ends, self._left = now + 1.0, self.most
        if self._left:
            self._left -= 1
            return True
        self._withheld += 1
        return False

    def withheld(self) -> int:
        """How many were not said in a second that is over, each told once."""
        if not self._withheld or self.clock() < self._ends:
            return 0
        withheld, self._withheld = self._withheld, 0
        return withheld
