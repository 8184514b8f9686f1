"""One destination's courier: a thread that brings what is due, so that a slow destination delays no other."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from homeostat.redaction import redact
from triage.breaker import Breaker
from triage.destinations.delivery import Delivery, DeliveryState
from triage.destinations.destination import (
    MAY_HAVE_ARRIVED,
    TROUBLE,
    DeliveryFailed,
    Destination,
    Outcome,
)
from triage.destinations.message import Message
from triage.destinations.outbox import Outbox

#: the message that an incident's report makes now
Compose = Callable[[str], Message]
#: told of every attempt: destination and outcome
Count = Callable[[str, Outcome], None]

_MOST_PAUSE_SECONDS = 3600.0

_log = structlog.stdlib.get_logger()


class Courier:
    """Brings one delivery after the other; :meth:`wake` tells it of new ones, else it looks every poll."""

    def __init__(
        self,
        destination: Destination,
        outbox: Outbox,
        compose: Compose,
        breaker: Breaker,
        count: Count,
        poll_seconds: float = 5.0,
    ) -> None:
        self._destination = destination
        self._outbox = outbox
        self._compose = compose
        self._count = count
        self._poll_seconds = poll_seconds
        self.breaker = breaker
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"triage-{self.name}", daemon=True)

    @property
    def name(self) -> str:
        """The destination's."""
        return self._destination.name

    @property
    def is_alive(self) -> bool:
        """Whether the loop still runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Work from now on."""
        self._thread.start()

    def wake(self) -> None:
        """There may be something to bring."""
        self._wake.set()

    def ask_to_stop(self) -> None:
        """Finish the delivery at hand and no other."""
        self._stop.set()
        self._wake.set()

    def join(self, timeout_seconds: float) -> None:
        """Wait until it has stopped; an unfinished delivery is in doubt at the next start."""
        self._thread.join(timeout_seconds)

    def bring_once(self) -> bool:
        """Bring one delivery that is due; False when none is, or the destination is left alone."""
        if self.breaker.wait_seconds > 0:
            return False
        delivery = self._outbox.claim(self.name)
        if delivery is None:
            return False
        try:
            self._bring(delivery)
        except DeliveryFailed as failure:
            self._failed(delivery, failure)
        except Exception as error:  # noqa: BLE001 - the edge: one report's failure must not stop the others
            _log.exception("delivery_broke", destination=self.name, incident=delivery.incident_id)
            told = redact(f"{type(error).__name__}: {error}")
            self._failed(delivery, DeliveryFailed(Outcome.ERROR, told))
        return True

    def _bring(self, delivery: Delivery) -> None:
        message = self._compose(delivery.incident_id)
        revision = self._destination.revision(message)
        receipt = self._destination.deliver(message, delivery.external_id, delivery.doubt)
        self._outbox.succeed(delivery, receipt, revision)
        self.breaker.succeeded()
        self._count(self.name, receipt.outcome)
        _log.info(
            "report_delivered",
            destination=self.name,
            incident=delivery.incident_id,
            outcome=receipt.outcome.value,
            post=receipt.external_id,
        )

    def _failed(self, delivery: Delivery, failure: DeliveryFailed) -> None:
        self._count(self.name, failure.outcome)
        if failure.outcome in TROUBLE:
            self.breaker.failed()
        elif failure.outcome is Outcome.RATE_LIMITED and failure.wait is not None:
            self.breaker.pause(min(failure.wait.total_seconds(), _MOST_PAUSE_SECONDS))
        elif failure.outcome not in MAY_HAVE_ARRIVED:
            self.breaker.succeeded()
        state = self._outbox.fail(delivery, failure)
        _log.warning(
            "delivery_given_up" if state is DeliveryState.DEAD else "delivery_failed",
            destination=self.name,
            incident=delivery.incident_id,
            attempt=delivery.attempt,
            outcome=failure.outcome.value,
            error=redact(str(failure)),
        )

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                busy = self.bring_once()
            except Exception:  # noqa: BLE001 - the edge: a locked or full disk passes, the loop must outlive it
                _log.exception("courier_trouble", destination=self.name)
                busy = False
            if not busy:
                self._wake.wait(self._poll_seconds)
                self._wake.clear()
