"""The queue: at any time at most one worker holds a job, and no crash loses one.

A lease is a promise with an end. A worker that dies keeps nobody waiting longer than its lease; a worker
that comes back too late finds that its attempt number is no longer the current one and keeps its hands off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, update

from triage.clock import Clock
from triage.errors import LeaseLost
from triage.queue.backoff import Backoff
from triage.queue.job import Job, JobState
from triage.store.tables import jobs


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """How patient the queue is."""

    lease: timedelta = timedelta(seconds=240)
    attempts: int = 5
    backoff: Backoff = field(default_factory=Backoff)


def enqueue(connection: Connection, incident_id: str, now: datetime) -> None:
    """Add a job inside the caller's transaction, unless one already waits for the same incident."""
    waiting = (jobs.c.incident_id == incident_id) & (jobs.c.state == JobState.QUEUED.value)
    if connection.execute(update(jobs).where(waiting).values(run_after=now)).rowcount:
        return
    connection.execute(
        insert(jobs).values(
            incident_id=incident_id, state=JobState.QUEUED.value, attempts=0, run_after=now, created_at=now
        )
    )


class JobQueue:
    """The queue as one worker sees it; ``worker`` is a name that no two live processes share."""

    def __init__(self, engine: Engine, clock: Clock, policy: QueuePolicy, worker: str) -> None:
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._worker = worker

    def claim(self) -> Job | None:
        """Take the job that is due longest, or None when nothing is due."""
        now = self._clock()
        with self._engine.begin() as connection:
            self._reap(connection, (jobs.c.leased_until <= now), "its worker's lease ran out")
            busy = select(jobs.c.incident_id).where(jobs.c.state == JobState.LEASED.value)
            due = (
                (jobs.c.state == JobState.QUEUED.value)
                & (jobs.c.run_after <= now)
                & jobs.c.incident_id.not_in(busy)
            )
            row = connection.execute(
                select(jobs).where(due).order_by(jobs.c.run_after, jobs.c.id).limit(1)
            ).first()
            if row is None:
                return None
            job = Job(row.id, row.incident_id, row.attempts + 1)
            self._set(
                connection,
                jobs.c.id == job.id,
                state=JobState.LEASED.value,
                attempts=job.attempt,
                leased_until=now + self._policy.lease,
                worker=self._worker,
            )
        return job

    def complete(self, job: Job) -> None:
        """The job's effect is stored.

        Raises:
            LeaseLost: when somebody else holds the job by now.
        """
        self._finish(job, state=JobState.DONE.value, leased_until=None)

    def fail(self, job: Job, reason: str) -> None:
        """The attempt failed: try again later, or give up after the last attempt.

        Raises:
            LeaseLost: when somebody else holds the job by now.
        """
        if job.attempt >= self._policy.attempts:
            self._finish(job, state=JobState.DEAD.value, leased_until=None, last_error=reason)
            return
        again = self._clock() + self._policy.backoff.after(job.attempt)
        self._finish(job, state=JobState.QUEUED.value, leased_until=None, run_after=again, last_error=reason)

    def resume(self) -> int:
        """At start: take back what a former process under the same name held when it died."""
        with self._engine.begin() as connection:
            return self._reap(connection, jobs.c.worker == self._worker, "its worker stopped in the middle")

    def depth(self) -> Mapping[JobState, int]:
        """How many jobs are in each state."""
        query = select(jobs.c.state, func.count()).group_by(jobs.c.state)
        with self._engine.begin() as connection:
            counts = {JobState(state): int(count) for state, count in connection.execute(query)}
        return {state: counts.get(state, 0) for state in JobState}

    def dead(self) -> Sequence[tuple[str, str]]:
        """Incident and last error of each job that was given up."""
        query = select(jobs.c.incident_id, jobs.c.last_error).where(jobs.c.state == JobState.DEAD.value)
        with self._engine.begin() as connection:
            return [(incident_id, reason or "") for incident_id, reason in connection.execute(query)]

    def _finish(self, job: Job, **values: Any) -> None:
        ours = (
            (jobs.c.id == job.id)
            & (jobs.c.state == JobState.LEASED.value)
            & (jobs.c.attempts == job.attempt)
            & (jobs.c.worker == self._worker)
        )
        with self._engine.begin() as connection:
            if not self._set(connection, ours, **values):
                raise LeaseLost(f"job {job.id} of incident {job.incident_id} is somebody else's by now.")

    def _reap(self, connection: Connection, which: Any, reason: str) -> int:
        """Return leased jobs to the queue; those without an attempt left are dead."""
        leased = (jobs.c.state == JobState.LEASED.value) & which
        spent = jobs.c.attempts >= self._policy.attempts
        free: dict[str, Any] = {"leased_until": None, "worker": None, "last_error": reason}
        dead = self._set(connection, leased & spent, state=JobState.DEAD.value, **free)
        return dead + self._set(
            connection, leased, state=JobState.QUEUED.value, run_after=self._clock(), **free
        )

    @staticmethod
    def _set(connection: Connection, which: Any, **values: Any) -> int:
        return connection.execute(update(jobs).where(which).values(**values)).rowcount
