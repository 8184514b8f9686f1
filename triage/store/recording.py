"""A batch of alerts as rows: each to the incident that it belongs to, inside the caller's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, select, update

from triage.alert import Alert, AlertBatch, AlertStatus, Identity
from triage.store import tables
from triage.store.epochs import Epoch, latest_epoch
from triage.store.grouping import group_of

#: an alert as the table holds it
Row = Mapping[str, object]

#: by how much the sender's clock may be ahead
_CLOCK_SKEW = timedelta(minutes=5)
#: in one query: databases bound them
_MOST_PARAMETERS = 500

# made once: to build a statement costs as much as to run it
_INSERT_ALERTS = insert(tables.alerts)
_INSERT_INCIDENT = insert(tables.incidents)
_OWNERS = select(
    *(tables.alerts.c[name] for name in ("fingerprint", "starts_at", "status", "incident_id"))
).where(tables.alerts.c.fingerprint.in_(bindparam("fingerprints", expanding=True)))


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a batch."""

    #: the incidents that got alerts, each with them
    touched: Mapping[str, Sequence[Alert]]
    #: the one that began with it, if any
    opened: str | None
    accepted: int
    duplicates: int


def record(connection: Connection, batch: AlertBatch, now: datetime, quiet_time: timedelta) -> Recorded:
    """Store the alerts that are new; those that are there already are told as duplicates."""
    owners = _owners(connection, batch.alerts)
    home = _Home(connection, group_of(batch), now, quiet_time)
    rows: list[Row] = []
    touched: dict[str, list[Alert]] = {}
    for alert in batch.alerts:
        if alert.identity in owners:
            continue
        incident_id = owners.get(_other_status(alert.identity)) or home.of(alert)
        owners[alert.identity] = incident_id
        rows.append(row(incident_id, alert, now))
        touched.setdefault(incident_id, []).append(alert)
    if rows:
        connection.execute(_INSERT_ALERTS, rows)
    if batch.truncated:
        _note_truncation(connection, touched, batch.truncated)
    return Recorded(touched, home.opened, len(rows), len(batch.alerts) - len(rows))


class _Home:
    """Where alerts go whose other half is not known: to the open incident of their group, or to a new one."""

    def __init__(self, connection: Connection, group_key: str, now: datetime, quiet_time: timedelta) -> None:
        self._connection = connection
        self._group_key = group_key
        self._now = now
        self._quiet_time = quiet_time
        self._latest: Epoch | None = None
        self._looked = False
        self.opened: str | None = None

    def of(self, alert: Alert) -> str:
        """The incident's id. A batch is one group, so it opens one incident at most."""
        if self.opened is not None:
            return self.opened
        if not self._looked:
            self._latest, self._looked = latest_epoch(self._connection, self._group_key), True
        latest = self._latest
        if latest is not None and not self._is_over(latest, alert):
            return latest.incident_id
        self.opened = _open(self._connection, self._group_key, latest.number + 1 if latest else 1, self._now)
        return self.opened

    def _is_over(self, latest: Epoch, alert: Alert) -> bool:
        if latest.fires:
            return False
        return latest.resolved_at is None or alert.starts_at > latest.resolved_at + self._quiet_time


def row(incident_id: str, alert: Alert, now: datetime) -> Row:
    """An alert as the table holds it."""
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


def _owners(connection: Connection, alerts: Sequence[Alert]) -> dict[Identity, str]:
    """The incidents that hold alerts with these fingerprints, by identity."""
    owners: dict[Identity, str] = {}
    fingerprints = sorted({alert.fingerprint for alert in alerts})
    for start in range(0, len(fingerprints), _MOST_PARAMETERS):
        some = fingerprints[start : start + _MOST_PARAMETERS]
        for found in connection.execute(_OWNERS, {"fingerprints": some}):
            identity = Identity(found.fingerprint, found.starts_at, AlertStatus(found.status))
            owners[identity] = found.incident_id
    return owners


def _other_status(identity: Identity) -> Identity:
    """The other half of the same episode, so that firing and resolved meet in one incident."""
    firing = identity.status is AlertStatus.FIRING
    return replace(identity, status=AlertStatus.RESOLVED if firing else AlertStatus.FIRING)


def _open(connection: Connection, group_key: str, epoch: int, now: datetime) -> str:
    mark = hashlib.sha256(f"{group_key}\0{epoch}".encode()).hexdigest()[:8]
    incident_id = f"{now:%Y%m%d-%H%M%S}-{mark}"
    row = {"id": incident_id, "group_key": group_key, "epoch": epoch, "truncated": 0, "opened_at": now}
    connection.execute(_INSERT_INCIDENT, row)
    return incident_id


def _end(alert: Alert, now: datetime) -> datetime | None:
    """When a resolved alert ended: what it says, or now when that can't be."""
    if alert.status is AlertStatus.FIRING:
        return None
    said = alert.ends_at
    return said if said and alert.starts_at <= said <= now + _CLOCK_SKEW else now


def _note_truncation(connection: Connection, incidents: Mapping[str, object], truncated: int) -> None:
    for incident_id in incidents:
        same = tables.incidents.c.id == incident_id
        connection.execute(update(tables.incidents).where(same).values(truncated=truncated))
