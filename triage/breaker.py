"""A circuit breaker: a destination or a provider that is down is left alone for a while, and then asked once.

Time is monotonic, so that a clock that is set neither opens nor closes it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class BreakerState(StrEnum):
    """Whether deliveries are tried."""

    CLOSED = "closed"
    #: the next delivery is the one that asks
    HALF_OPEN = "half-open"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """After how many failures in a row it opens, and for how long: doubling up to ``longest_seconds``."""

    failures: int = 3
    shortest_seconds: float = 15.0
    longest_seconds: float = 300.0


class Breaker:
    """The breaker of one other side; who calls it writes, metrics and health read."""

    def __init__(self, policy: BreakerPolicy, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._policy = policy
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failures = 0
        self._openings = 0
        self._until = 0.0
        self._is_open = False

    @property
    def state(self) -> BreakerState:
        """The state at this moment."""
        with self._lock:
            if not self._is_open:
                return BreakerState.CLOSED
            return BreakerState.OPEN if self._monotonic() < self._until else BreakerState.HALF_OPEN

    @property
    def wait_seconds(self) -> float:
        """How long nothing may be sent."""
        with self._lock:
            return max(0.0, self._until - self._monotonic())

    def succeeded(self) -> None:
        """The destination answered as it should."""
        with self._lock:
            self._failures = self._openings = 0
            self._is_open = False
            self._until = 0.0

    def failed(self) -> None:
        """The destination is in trouble; a failed question opens it again, for longer."""
        with self._lock:
            self._failures += 1
            if self._failures < self._policy.failures and not self._is_open:
                return
            self._is_open = True
            lasting = self._policy.shortest_seconds * 2 ** min(self._openings, 30)
            self._openings += 1
            self._until = self._monotonic() + min(lasting, self._policy.longest_seconds)

    def pause(self, seconds: float) -> None:
        """The destination asked for rest: it is well, and gets nothing until then."""
        with self._lock:
            self._until = max(self._until, self._monotonic() + seconds)
