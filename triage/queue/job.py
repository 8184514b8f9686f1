"""A job and the states that it goes through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JobState(StrEnum):
    """Where a job is."""

    #: waits until its ``run_after``
    QUEUED = "queued"
    #: waits until a storm has passed; the storm's digest lists its incident meanwhile
    HELD = "held"
    #: a worker has it as long as it renews its lease; after that anybody may take it
    LEASED = "leased"
    #: its effect is stored
    DONE = "done"
    #: failed as often as it may; a person has to look (dead letter)
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work as its worker holds it: bring the report of an incident up to date."""

    id: int
    incident_id: str
    #: this attempt's number, from 1; it doubles as the fencing token of the lease
    attempt: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job that was given up, as a person reads of it."""

    id: int
    incident_id: str
    reason: str
    attempts: int
    created_at: datetime
    #: None for one that an earlier version gave up
    died_at: datetime | None
