"""Old incidents are forgotten, so that the store does not grow without end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import structlog
from sqlalchemy import Connection, Engine, delete, or_, select

from triage.clock import Clock
from triage.queue.job import JobState
from triage.store import tables
from triage.store.database import reading
from triage.store.epochs import fires
from triage.store.writer import Writer

#: in one transaction, so that no sender waits long for its end
_BATCH = 50
#: work that is not done; a dead letter may be forgotten with its incident
_OPEN = (JobState.QUEUED.value, JobState.HELD.value, JobState.LEASED.value)

_log = structlog.stdlib.get_logger()


class Retention:
    """Forgets incidents that nobody told of for ``keep``; those that still fire, for twice as long."""

    def __init__(self, engine: Engine, writer: Writer, clock: Clock, keep: timedelta, reports: Path) -> None:
        self._engine = engine
        self._writer = writer
        self._clock = clock
        self._keep = keep
        self._reports = reports

    def prune(self) -> int:
        """Forget what is old, batch by batch; how many incidents that were.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: when the database can't be read or written.
            OSError: when a report's file can't be deleted.
        """
        forgotten = 0
        while ids := self._old():
            self._writer.submit(lambda connection, ids=ids: _forget(connection, ids)).result()
            # the rows first: a file without a row is a file too many, a row without its file a broken link
            for incident_id in ids:
                for file in self._reports.glob(f"{incident_id}.*"):
                    file.unlink(missing_ok=True)
            forgotten += len(ids)
        if forgotten:
            _log.info("incidents_forgotten", incidents=forgotten)
        return forgotten

    def _old(self) -> Sequence[str]:
        now = self._clock()
        incidents, alerts, jobs = tables.incidents, tables.alerts, tables.jobs
        ours = incidents.c.id == alerts.c.incident_id
        heard = select(alerts.c.id).where(ours, alerts.c.received_at >= now - self._keep).exists()
        lately = select(alerts.c.id).where(ours, alerts.c.received_at >= now - 2 * self._keep).exists()
        work = select(jobs.c.id).where(jobs.c.incident_id == incidents.c.id, jobs.c.state.in_(_OPEN)).exists()
        query = (
            select(incidents.c.id)
            .where(incidents.c.opened_at < now - self._keep, ~heard, ~work)
            .where(or_(~fires(incidents.c.id), ~lately))
            .order_by(incidents.c.opened_at)
            .limit(_BATCH)
        )
        with reading(self._engine) as connection:
            return connection.scalars(query).all()


def _forget(connection: Connection, ids: Sequence[str]) -> None:
    """Delete the incidents, and before them every row that names one of them."""
    storms = select(tables.storms.c.id).where(tables.storms.c.digest_id.in_(ids))
    connection.execute(delete(tables.storm_members).where(tables.storm_members.c.storm_id.in_(storms)))
    for table in reversed(tables.metadata.sorted_tables):
        for key in table.foreign_keys:
            if key.column is tables.incidents.c.id:
                connection.execute(delete(table).where(key.parent.in_(ids)))
    connection.execute(delete(tables.incidents).where(tables.incidents.c.id.in_(ids)))
