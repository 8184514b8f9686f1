"""The door: a batch of alerts and the jobs that it causes, committed together or not at all.

The caller answers 2xx only after :meth:`Intake.accept` returned; until then the sender keeps the alert.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, Engine, desc, insert, select, update

from triage.alert import Alert, AlertBatch, AlertStatus
from triage.clock import Clock
from triage.incident import Incident
from triage.queue.jobs import enqueue
from triage.store import tables
from triage.store.incidents import read_incident


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a batch."""

    incident_ids: tuple[str, ...]
    accepted: int
    duplicates: int


class Intake:
    """Stores batches; safe to call from several threads and with the same batch twice."""

    def __init__(self, engine: Engine, clock: Clock, quiet_time: timedelta) -> None:
        self._engine = engine
        self._clock = clock
        self._quiet_time = quiet_time

    def accept(self, batch: AlertBatch) -> Receipt:
        """Commit the alerts that are new, each to its incident, and one job for each incident touched.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: when nothing could be committed; nothing is then stored.
        """
        touched: dict[str, None] = {}
        accepted = 0
        with self._engine.begin() as connection:
            for alert in batch.alerts:
                if _is_known(connection, alert):
                    continue
                incident_id = self._incident_for(connection, batch, alert)
                self._keep(connection, incident_id, alert)
                touched[incident_id] = None
                accepted += 1
            for incident_id in touched:
                _note_truncation(connection, incident_id, batch.truncated)
                enqueue(connection, incident_id, self._clock())
        return Receipt(tuple(touched), accepted, len(batch.alerts) - accepted)

    def _incident_for(self, connection: Connection, batch: AlertBatch, alert: Alert) -> str:
        """The group's open incident, the one that this alert's firing belongs to, or a new epoch."""
        if owner := _owner_of_episode(connection, alert):
            return owner
        latest = _latest_of_group(connection, batch.group_key)
        if latest is None:
            return self._open(connection, batch.group_key, 1)
        if self._starts_new_epoch(latest, alert):
            return self._open(connection, batch.group_key, latest.epoch + 1)
        return latest.id

    def _starts_new_epoch(self, latest: Incident, alert: Alert) -> bool:
        if latest.status is AlertStatus.FIRING:
            return False
        return latest.resolved_at is None or alert.starts_at > latest.resolved_at + self._quiet_time

    def _open(self, connection: Connection, group_key: str, epoch: int) -> str:
        now = self._clock()
        mark = hashlib.sha256(f"{group_key}\0{epoch}".encode()).hexdigest()[:8]
        incident_id = f"{now:%Y%m%d-%H%M%S}-{mark}"
        connection.execute(
            insert(tables.incidents).values(
                id=incident_id, group_key=group_key, epoch=epoch, truncated=0, opened_at=now
            )
        )
        return incident_id

    def _keep(self, connection: Connection, incident_id: str, alert: Alert) -> None:
        connection.execute(
            insert(tables.alerts).values(
                incident_id=incident_id,
                fingerprint=alert.fingerprint,
                starts_at=alert.starts_at,
                status=alert.status.value,
                ends_at=alert.ends_at,
                labels=dict(alert.labels),
                annotations=dict(alert.annotations),
                received_at=self._clock(),
            )
        )


def _is_known(connection: Connection, alert: Alert) -> bool:
    query = select(tables.alerts.c.id).where(
        tables.alerts.c.fingerprint == alert.fingerprint,
        tables.alerts.c.starts_at == alert.starts_at,
        tables.alerts.c.status == alert.status.value,
    )
    return connection.execute(query).first() is not None


def _owner_of_episode(connection: Connection, alert: Alert) -> str | None:
    """The incident that holds the same alert's other status, so that firing and resolved meet."""
    query = select(tables.alerts.c.incident_id).where(
        tables.alerts.c.fingerprint == alert.fingerprint, tables.alerts.c.starts_at == alert.starts_at
    )
    return connection.scalar(query)


def _latest_of_group(connection: Connection, group_key: str) -> Incident | None:
    query = (
        select(tables.incidents.c.id)
        .where(tables.incidents.c.group_key == group_key)
        .order_by(desc(tables.incidents.c.epoch))
        .limit(1)
    )
    incident_id: str | None = connection.scalar(query)
    return read_incident(connection, incident_id) if incident_id else None


def _note_truncation(connection: Connection, incident_id: str, truncated: int) -> None:
    if truncated:
        same = tables.incidents.c.id == incident_id
        connection.execute(update(tables.incidents).where(same).values(truncated=truncated))
