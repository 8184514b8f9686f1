"""Adding work: part of the transaction that makes it necessary, so that neither is ever without the other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Integer, bindparam, case, insert, select, update

from triage.incident import LEAST_URGENT
from triage.queue.job import JobState
from triage.store.tables import jobs

_RANK: ColumnElement[int] = bindparam("rank", type_=Integer)
_OURS = jobs.c.incident_id == bindparam("ours")
# made once: to build a statement costs as much as to run it
_INSERT = insert(jobs)
_HELD = select(jobs.c.id).where(_OURS, jobs.c.state == JobState.HELD.value).limit(1)
_WAITING = select(jobs.c.id).where(_OURS, jobs.c.state == JobState.QUEUED.value).limit(1)
_URGENT = (
    update(jobs)
    .where(_OURS, jobs.c.state == JobState.QUEUED.value)
    .values(
        run_after=bindparam("due"),
        priority=case((jobs.c.priority > _RANK, _RANK), else_=jobs.c.priority),
    )
)
_HOLD = (
    update(jobs)
    .where(_OURS, jobs.c.state == JobState.QUEUED.value, jobs.c.attempts == 0)
    .values(state=JobState.HELD.value)
)


def enqueue(connection: Connection, incident_id: str, now: datetime, priority: int = LEAST_URGENT) -> None:
    """Add a job that is due now, unless one already waits for the same incident.

    One that a storm holds back stays held: what comes to its incident meanwhile is in the database.
    """
    if connection.execute(_URGENT, {"ours": incident_id, "due": now, "rank": priority}).rowcount:
        return
    if not is_held(connection, incident_id):
        _add(connection, incident_id, JobState.QUEUED, now, now, priority)


def enqueue_later(
    connection: Connection, incident_id: str, now: datetime, due: datetime, priority: int = LEAST_URGENT
) -> None:
    """Add a job that is due at ``due``; one that waits already is left as it is: many calls are one."""
    if connection.scalar(_WAITING, {"ours": incident_id}) is None:
        _add(connection, incident_id, JobState.QUEUED, now, due, priority)


def hold(connection: Connection, incident_id: str, now: datetime, priority: int) -> None:
    """Add a job that waits for the end of a storm, or let one wait that nobody began."""
    if not hold_waiting(connection, incident_id) and not is_held(connection, incident_id):
        hold_new(connection, incident_id, now, priority)


def hold_new(connection: Connection, incident_id: str, now: datetime, priority: int) -> None:
    """Add the first job of an incident, one that waits for the end of a storm."""
    _add(connection, incident_id, JobState.HELD, now, now, priority)


def hold_waiting(connection: Connection, incident_id: str) -> bool:
    """Let a job wait that nobody began; False when there is none."""
    return connection.execute(_HOLD, {"ours": incident_id}).rowcount > 0


def let_go(connection: Connection, incident_id: str, now: datetime, priority: int) -> None:
    """Let a held job of the incident be worked on at once."""
    held = (jobs.c.incident_id == incident_id) & (jobs.c.state == JobState.HELD.value)
    free = {"state": JobState.QUEUED.value, "run_after": now, "priority": priority}
    connection.execute(update(jobs).where(held).values(**free))


def is_held(connection: Connection, incident_id: str) -> bool:
    """Whether a job of the incident waits for the end of a storm."""
    return connection.scalar(_HELD, {"ours": incident_id}) is not None


def _add(
    connection: Connection, incident_id: str, state: JobState, now: datetime, due: datetime, priority: int
) -> None:
    row = {"incident_id": incident_id, "state": state.value, "attempts": 0, "run_after": due}
    connection.execute(_INSERT, {**row, "created_at": now, "priority": priority})
