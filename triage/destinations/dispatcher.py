"""All couriers together: what triage starts, wakes, asks after and stops."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from triage.breaker import BreakerState
from triage.clock import Clock
from triage.destinations.courier import Courier
from triage.destinations.delivery import Backlog
from triage.destinations.outbox import Outbox

_log = structlog.stdlib.get_logger()


class Dispatcher:
    """One courier for each destination over one outbox."""

    def __init__(self, outbox: Outbox, couriers: Sequence[Courier], clock: Clock) -> None:
        self.outbox = outbox
        self._couriers = couriers
        self._clock = clock

    def start(self) -> None:
        """Take back what a crash left behind, then bring what is due."""
        resumed = self.outbox.resume()
        if resumed:
            _log.warning("deliveries_resumed", deliveries=resumed)
        for courier in self._couriers:
            courier.start()

    def wake(self) -> None:
        """There may be something to bring."""
        for courier in self._couriers:
            courier.wake()

    def stop(self, timeout_seconds: float = 5.0) -> None:
        """Let each finish what it holds, if that is quick."""
        for courier in self._couriers:
            courier.ask_to_stop()
        deadline = time.monotonic() + timeout_seconds
        for courier in self._couriers:
            courier.join(max(0.0, deadline - time.monotonic()))

    @property
    def is_alive(self) -> bool:
        """Whether every courier's loop still runs."""
        return all(courier.is_alive for courier in self._couriers)

    def breakers(self) -> Mapping[str, BreakerState]:
        """The state of each destination's breaker."""
        return {courier.name: courier.breaker.state for courier in self._couriers}

    def health(self) -> Mapping[str, Mapping[str, Any]]:
        """Each destination as ``/healthz`` tells it; one that only has rows is no longer configured.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: when the database can't be read.
        """
        backlog = self.outbox.backlog()
        breakers = self.breakers()
        return {
            name: {
                "breaker": breakers[name].value if name in breakers else "not configured",
                **self._told(backlog.get(name, Backlog())),
            }
            for name in sorted({*backlog, *breakers})
        }

    def _told(self, backlog: Backlog) -> Mapping[str, Any]:
        age = (self._clock() - backlog.oldest).total_seconds() if backlog.oldest else 0.0
        return {"pending": backlog.pending, "dead": backlog.dead, "oldest_seconds": max(0.0, round(age, 1))}
