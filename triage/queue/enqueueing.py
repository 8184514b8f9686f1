"""Adding work: part of the transaction that makes it necessary, so that neither is ever without the other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, case, insert, select, update

from triage.incident import LEAST_URGENT
from triage.queue.job import JobState
from triage.store.tables import jobs


def enqueue(connection: Connection, incident_id: str, now: datetime, priority: int = LEAST_URGENT) -> None:
    """Add a job that is due now, unless one already waits for the same incident.

    One that a storm holds back stays held: what comes to its incident meanwhile is in the database.
    """
    ours = jobs.c.incident_id == incident_id
    waiting = ours & (jobs.c.state == JobState.QUEUED.value)
    urgent = case((jobs.c.priority > priority, priority), else_=jobs.c.priority)
    if connection.execute(update(jobs).where(waiting).values(run_after=now, priority=urgent)).rowcount:
        return
    if not is_held(connection, incident_id):
        _add(connection, incident_id, JobState.QUEUED, now, now, priority)


def enqueue_later(
    connection: Connection, incident_id: str, now: datetime, due: datetime, priority: int = LEAST_URGENT
) -> None:
    """Add a job that is due at ``due``; one that waits already is left as it is: many calls are one."""
    waiting = (jobs.c.incident_id == incident_id) & (jobs.c.state == JobState.QUEUED.value)
    if connection.scalar(select(jobs.c.id).where(waiting).limit(1)) is None:
        _add(connection, incident_id, JobState.QUEUED, now, due, priority)


def hold(connection: Connection, incident_id: str, now: datetime, priority: int) -> None:
    """Add a job that waits for the end of a storm, or let one wait that nobody began."""
    untouched = (
        (jobs.c.incident_id == incident_id) & (jobs.c.state == JobState.QUEUED.value) & (jobs.c.attempts == 0)
    )
    if connection.execute(update(jobs).where(untouched).values(state=JobState.HELD.value)).rowcount:
        return
    if not is_held(connection, incident_id):
        _add(connection, incident_id, JobState.HELD, now, now, priority)


def let_go(connection: Connection, incident_id: str, now: datetime, priority: int) -> None:
    """Let a held job of the incident be worked on at once."""
    held = (jobs.c.incident_id == incident_id) & (jobs.c.state == JobState.HELD.value)
    free = {"state": JobState.QUEUED.value, "run_after": now, "priority": priority}
    connection.execute(update(jobs).where(held).values(**free))


def is_held(connection: Connection, incident_id: str) -> bool:
    """Whether a job of the incident waits for the end of a storm."""
    held = (jobs.c.incident_id == incident_id) & (jobs.c.state == JobState.HELD.value)
    return connection.scalar(select(jobs.c.id).where(held).limit(1)) is not None


def _add(
    connection: Connection, incident_id: str, state: JobState, now: datetime, due: datetime, priority: int
) -> None:
    connection.execute(
        insert(jobs).values(
            incident_id=incident_id,
            state=state.value,
            attempts=0,
            run_after=due,
            created_at=now,
            priority=priority,
        )
    )
