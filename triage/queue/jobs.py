"""The queue: at any time at most one worker holds a job, and no crash loses one.

A lease is a promise with an end. A worker that dies keeps nobody waiting longer than its lease; a worker
that comes back too late finds that its attempt number is no longer the current one and keeps its hands off.
Wall-clock times in a row only order the work and tell people: see :mod:`triage.queue.leases`.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from triage.clock import Clock
from triage.errors import LeaseLost
from triage.queue.backoff import Backoff
from triage.queue.job import DeadLetter, Job, JobState
from triage.queue.leases import Lease, LeaseWatch, Ticks
from triage.store.database import reading
from triage.store.tables import jobs


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """How patient the queue is."""

    lease: timedelta = timedelta(seconds=60)
    attempts: int = 5
    backoff: Backoff = field(default_factory=Backoff)


class JobQueue:
    """The queue as one worker sees it; ``worker`` is a name that no two live processes share."""

    def __init__(
        self, engine: Engine, clock: Clock, policy: QueuePolicy, worker: str, ticks: Ticks = time.monotonic
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._worker = worker
        self._watch = LeaseWatch(policy.lease.total_seconds(), ticks)

    @property
    def lease(self) -> timedelta:
        """How long a job is held without a renewal."""
        return self._policy.lease

    def claim(self) -> Job | None:
        """Take the most urgent job that is due, of those the one due longest; None when nothing is due."""
        if not self._has_work():
            # most looks find nothing, and writing would keep senders waiting
            return None
        try:
            with self._engine.begin() as connection:
                self._reap_unrenewed(connection)
                job = self._lease_next(connection)
        except IntegrityError:
            # in this moment another process took another job of the same incident
            return None
        if job is not None:
            self._watch.granted(Lease(job.id, job.attempt, 0))
        return job

    def renew(self, job: Job) -> None:
        """Hold the job for another lease.

        Raises:
            LeaseLost: when somebody else holds it by now.
        """
        self._change(job, beat=jobs.c.beat + 1, leased_until=self._clock() + self._policy.lease)

    def complete(self, job: Job) -> None:
        """The job's effect is stored.

        Raises:
            LeaseLost: when somebody else holds the job by now.
        """
        self._change(job, state=JobState.DONE.value, leased_until=None, finished_at=self._clock())

    def fail(self, job: Job, reason: str) -> None:
        """The attempt failed: try again later, or give up after the last attempt.

        Raises:
            LeaseLost: when somebody else holds the job by now.
        """
        now = self._clock()
        if job.attempt >= self._policy.attempts:
            dead: dict[str, Any] = {"state": JobState.DEAD.value, "finished_at": now}
            self._change(job, **dead, leased_until=None, last_error=reason)
            return
        again = now + self._policy.backoff.after(job.attempt)
        self._change(job, state=JobState.QUEUED.value, leased_until=None, run_after=again, last_error=reason)

    def resume(self) -> int:
        """At start: take back what a former process under the same name held when it died."""
        with self._engine.begin() as connection:
            return self._reap(connection, jobs.c.worker == self._worker, "its worker stopped in the middle")

    def depth(self) -> Mapping[JobState, int]:
        """How many jobs are in each state."""
        query = select(jobs.c.state, func.count()).group_by(jobs.c.state)
        with reading(self._engine) as connection:
            counts = {JobState(state): int(count) for state, count in connection.execute(query)}
        return {state: counts.get(state, 0) for state in JobState}

    def oldest_due_seconds(self) -> float:
        """For how long the job that is due longest has been waiting; 0 when none is due."""
        now = self._clock()
        waiting = jobs.c.state == JobState.QUEUED.value
        with reading(self._engine) as connection:
            due = connection.scalar(select(func.min(jobs.c.run_after)).where(waiting))
        return max(0.0, (now - due).total_seconds()) if due else 0.0

    def dead(self) -> Sequence[DeadLetter]:
        """The jobs that were given up, the latest first."""
        query = select(jobs).where(jobs.c.state == JobState.DEAD.value).order_by(jobs.c.id.desc())
        with reading(self._engine) as connection:
            return [
                DeadLetter(
                    row.id,
                    row.incident_id,
                    row.last_error or "",
                    row.attempts,
                    row.created_at,
                    row.finished_at,
                )
                for row in connection.execute(query)
            ]

    def requeue(self, ids: Collection[int] | None = None) -> int:
        """Give dead jobs all their attempts again: those with ``ids``, or every one; how many there were."""
        which = jobs.c.state == JobState.DEAD.value
        if ids is not None:
            which &= jobs.c.id.in_(ids)
        anew: dict[str, Any] = {"state": JobState.QUEUED.value, "attempts": 0, "finished_at": None}
        with self._engine.begin() as connection:
            return _set(connection, which, **anew, run_after=self._clock())

    def _has_work(self) -> bool:
        alive = jobs.c.state.in_((JobState.QUEUED.value, JobState.LEASED.value))
        due = or_(jobs.c.state == JobState.LEASED.value, self._is_due())
        with reading(self._engine) as connection:
            return connection.scalar(select(jobs.c.id).where(alive, due).limit(1)) is not None

    def _is_due(self) -> ColumnElement[bool]:
        now = self._clock()
        # a wait longer than any that is ever given was written before the clock was set back
        longest = timedelta(seconds=self._policy.backoff.most_seconds)
        return or_(jobs.c.run_after <= now, jobs.c.run_after > now + longest)

    def _lease_next(self, connection: Connection) -> Job | None:
        now = self._clock()
        busy = select(jobs.c.incident_id).where(jobs.c.state == JobState.LEASED.value)
        candidates = (
            select(jobs.c.id, jobs.c.incident_id, jobs.c.attempts)
            .where(jobs.c.state == JobState.QUEUED.value, self._is_due(), jobs.c.incident_id.not_in(busy))
            .order_by(jobs.c.priority, jobs.c.run_after, jobs.c.id)
            .limit(1)
            # another process that takes this one at this moment keeps nobody waiting
            .with_for_update(skip_locked=True)
        )
        row = connection.execute(candidates).first()
        if row is None:
            return None
        job = Job(row.id, row.incident_id, row.attempts + 1)
        lease: dict[str, Any] = {"worker": self._worker, "leased_until": now + self._policy.lease, "beat": 0}
        _set(connection, jobs.c.id == job.id, state=JobState.LEASED.value, attempts=job.attempt, **lease)
        return job

    def _change(self, job: Job, **values: Any) -> None:
        ours = (
            (jobs.c.id == job.id)
            & (jobs.c.state == JobState.LEASED.value)
            & (jobs.c.attempts == job.attempt)
            & (jobs.c.worker == self._worker)
        )
        with self._engine.begin() as connection:
            if not _set(connection, ours, **values):
                raise LeaseLost(f"job {job.id} of incident {job.incident_id} is somebody else's by now.")

    def _reap_unrenewed(self, connection: Connection) -> None:
        query = select(jobs.c.id, jobs.c.attempts, jobs.c.beat).where(jobs.c.state == JobState.LEASED.value)
        leases = [Lease(*row) for row in connection.execute(query)]
        for lease in self._watch.run_out(leases):
            same = and_(
                jobs.c.id == lease.job_id, jobs.c.attempts == lease.attempt, jobs.c.beat == lease.beat
            )
            self._reap(connection, same, "its worker's lease ran out")

    def _reap(self, connection: Connection, which: ColumnElement[bool], reason: str) -> int:
        """Return leased jobs to the queue; those without an attempt left are dead."""
        leased = (jobs.c.state == JobState.LEASED.value) & which
        spent = jobs.c.attempts >= self._policy.attempts
        now = self._clock()
        free: dict[str, Any] = {"leased_until": None, "worker": None, "last_error": reason}
        dead = _set(connection, leased & spent, state=JobState.DEAD.value, finished_at=now, **free)
        return dead + _set(connection, leased, state=JobState.QUEUED.value, run_after=now, **free)


def _set(connection: Connection, which: ColumnElement[bool], **values: Any) -> int:
    return connection.execute(update(jobs).where(which).values(**values)).rowcount
