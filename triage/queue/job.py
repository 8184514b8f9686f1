"""A job and the states that it goes through."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class JobState(StrEnum):
    """Where a job is."""

    #: waits until its ``run_after``
    QUEUED = "queued"
    #: a worker has it until ``leased_until``; after that anybody may take it
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
