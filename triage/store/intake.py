"""The door: a batch of alerts and the jobs that it causes, committed together or not at all.

The caller answers 2xx only after :meth:`Intake.accept` returned; until then the sender keeps the alert.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, insert, select, update

from triage.alert import Alert, AlertBatch, AlertStatus, Identity, Recovery
from triage.clock import Clock
from triage.incident import Incident
from triage.queue.jobs import enqueue
from triage.store import tables
from triage.store.incidents import latest_of_group

#: an alert as the table holds it
Row = Mapping[str, object]

#: by how much the sender's clock may be ahead
_CLOCK_SKEW = timedelta(minutes=5)
#: in one query: databases bound them
_MOST_PARAMETERS = 500


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

    def take(self, delivery: AlertBatch | Recovery) -> Receipt:
        """Commit what one call told.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: when nothing could be committed; nothing is then stored.
        """
        match delivery:
            case AlertBatch():
                return self.accept(delivery)
            case Recovery():
                return self.resolve(delivery)

    def resolve(self, recovery: Recovery) -> Receipt:
        """Resolve every alert of the group that fires; a group in which none does is left as it is.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: when nothing could be committed; nothing is then stored.
        """
        now = self._clock()
        with self._engine.begin() as connection:
            incident = latest_of_group(connection, recovery.group_key)
            if incident is None or incident.status is AlertStatus.RESOLVED:
                return Receipt((), 0, 1)
            ended = [
                _row(incident.id, replace(alert, status=AlertStatus.RESOLVED, ends_at=recovery.at), now)
                for alert in incident.current
                if alert.status is AlertStatus.FIRING
            ]
            connection.execute(insert(tables.alerts), ended)
            enqueue(connection, incident.id, now)
        return Receipt((incident.id,), len(ended), 0)

    def accept(self, batch: AlertBatch) -> Receipt:
        """Commit the alerts that are new, each to its incident, and one job for each incident touched.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: when nothing could be committed; nothing is then stored.
        """
        now = self._clock()
        with self._engine.begin() as connection:
            rows = self._new_rows(connection, batch, now)
            touched = tuple(dict.fromkeys(str(row["incident_id"]) for row in rows))
            if rows:
                connection.execute(insert(tables.alerts), rows)
            for incident_id in touched:
                _note_truncation(connection, incident_id, batch.truncated)
                enqueue(connection, incident_id, now)
        return Receipt(touched, len(rows), len(batch.alerts) - len(rows))

    def _new_rows(self, connection: Connection, batch: AlertBatch, now: datetime) -> Sequence[Row]:
        """The alerts that are not stored yet. The batch is one group, so it opens one incident at most."""
        owners = _owners(connection, batch.alerts)
        latest = latest_of_group(connection, batch.group_key)
        opened: str | None = None
        rows: list[Row] = []
        for alert in batch.alerts:
            if alert.identity in owners:
                continue
            incident_id = owners.get(_other_status(alert.identity)) or opened
            if incident_id is None and latest is not None and not self._starts_new_epoch(latest, alert):
                incident_id = latest.id
            if incident_id is None:
                incident_id = opened = _open(
                    connection, batch.group_key, latest.epoch + 1 if latest else 1, now
                )
            owners[alert.identity] = incident_id
            rows.append(_row(incident_id, alert, now))
        return rows

    def _starts_new_epoch(self, latest: Incident, alert: Alert) -> bool:
        if latest.status is AlertStatus.FIRING:
            return False
        return latest.resolved_at is None or alert.starts_at > latest.resolved_at + self._quiet_time


def _owners(connection: Connection, alerts: Sequence[Alert]) -> dict[Identity, str]:
    """The incidents that hold alerts with these fingerprints, by identity."""
    owners: dict[Identity, str] = {}
    columns = (tables.alerts.c[name] for name in ("fingerprint", "starts_at", "status", "incident_id"))
    query = select(*columns)
    fingerprints = sorted({alert.fingerprint for alert in alerts})
    for start in range(0, len(fingerprints), _MOST_PARAMETERS):
        some = fingerprints[start : start + _MOST_PARAMETERS]
        for row in connection.execute(query.where(tables.alerts.c.fingerprint.in_(some))):
            owners[Identity(row.fingerprint, row.starts_at, AlertStatus(row.status))] = row.incident_id
    return owners


def _other_status(identity: Identity) -> Identity:
    """The other half of the same episode, so that firing and resolved meet in one incident."""
    firing = identity.status is AlertStatus.FIRING
    return replace(identity, status=AlertStatus.RESOLVED if firing else AlertStatus.FIRING)


def _open(connection: Connection, group_key: str, epoch: int, now: datetime) -> str:
    mark = hashlib.sha256(f"{group_key}\0{epoch}".encode()).hexdigest()[:8]
    incident_id = f"{now:%Y%m%d-%H%M%S}-{mark}"
    connection.execute(
        insert(tables.incidents).values(
            id=incident_id, group_key=group_key, epoch=epoch, truncated=0, opened_at=now
        )
    )
    return incident_id


def _row(incident_id: str, alert: Alert, now: datetime) -> Row:
    return {
        "incident_id": incident_id,
        "fingerprint": alert.fingerprint,
        "starts_at": alert.starts_at,
        "status": alert.status.value,
        "ends_at": _end(alert, now),
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "received_at": now,
    }


def _end(alert: Alert, now: datetime) -> datetime | None:
    """When a resolved alert ended: what it says, or now when that can't be."""
    if alert.status is AlertStatus.FIRING:
        return None
    said = alert.ends_at
    return said if said and alert.starts_at <= said <= now + _CLOCK_SKEW else now


def _note_truncation(connection: Connection, incident_id: str, truncated: int) -> None:
    if truncated:
        same = tables.incidents.c.id == incident_id
        connection.execute(update(tables.incidents).where(same).values(truncated=truncated))
