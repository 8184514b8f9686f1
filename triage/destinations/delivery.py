"""A delivery: where it is, as its courier holds it, as people read it, and how patiently it is tried."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from triage.destinations.destination import Doubt
from triage.queue.backoff import Backoff

#: no destination is believed that asks for more
LONGEST_WAIT = timedelta(hours=1)


class DeliveryState(StrEnum):
    """Where a delivery is."""

    #: waits until its ``run_after``
    PENDING = "pending"
    #: a courier has it until ``leased_until``; after that it is pending again, and in doubt
    SENDING = "sending"
    #: what is wanted is shown
    SENT = "sent"
    #: given up; a person has to look (dead letter)
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """How patient the outbox is."""

    #: longer than the calls of one delivery can take together
    lease: timedelta = timedelta(seconds=300)
    attempts: int = 50
    backoff: Backoff = field(default_factory=lambda: Backoff(base_seconds=2.0, most_seconds=900.0))

    @property
    def longest_wait(self) -> timedelta:
        """No row waits longer by itself; one that seems to was written before the clock was set back."""
        return max(LONGEST_WAIT, timedelta(seconds=self.backoff.most_seconds))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row as its courier holds it."""

    id: int
    incident_id: str
    #: this attempt's number, from 1; it doubles as the fencing token of the lease
    attempt: int
    external_id: str | None
    doubt: Doubt | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One row as people read it."""

    id: int
    incident_id: str
    destination: str
    state: DeliveryState
    external_id: str | None
    attempts: int
    run_after: datetime
    outcome: str | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much of one destination waits, since when, and how much was given up."""

    pending: int = 0
    dead: int = 0
    oldest: datetime | None = None


def entry_of(row: Any) -> Entry:
    """A row of the table as people read it."""
    return Entry(
        id=row.id,
        incident_id=row.incident_id,
        destination=row.destination,
        state=DeliveryState(row.state),
        external_id=row.external_id,
        attempts=row.attempts,
        run_after=row.run_after,
        outcome=row.outcome,
        last_error=row.last_error,
    )
