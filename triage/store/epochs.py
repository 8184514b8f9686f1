"""The newest incident of a group, as far as it takes to say whether a new one begins: no alert is read whole.

A group can have ten thousand alerts that arrive one by one; what each costs must not grow with their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, desc, exists, func, or_, select

from triage.alert import AlertStatus
from triage.store import tables

_LATEST = (
    select(tables.incidents.c.id, tables.incidents.c.epoch)
    .where(tables.incidents.c.group_key == bindparam("key"))
    .order_by(desc(tables.incidents.c.epoch))
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Epoch:
    """One incident among those of its group."""

    incident_id: str
    number: int
    fires: bool
    #: when the last of its alerts ended; None while one fires or nobody said when
    resolved_at: datetime | None


def latest_epoch(connection: Connection, group_key: str) -> Epoch | None:
    """The newest epoch of a group, or None when it never had an alert."""
    row = connection.execute(_LATEST, {"key": group_key}).first()
    if row is None:
        return None
    if connection.scalar(select(fires(row.id))):
        return Epoch(row.id, row.epoch, fires=True, resolved_at=None)
    ends = select(func.max(tables.alerts.c.ends_at)).where(tables.alerts.c.incident_id == row.id)
    return Epoch(row.id, row.epoch, fires=False, resolved_at=connection.scalar(ends))


def fires(incident_id: ColumnElement[str] | str) -> ColumnElement[bool]:
    """Whether an alert of the incident fires: told so, and not told of its end or of a later beginning.

    The same as :attr:`triage.incident.Incident.status`, in SQL.
    """
    alert, later = tables.alerts.alias(), tables.alerts.alias()
    follows = or_(
        later.c.starts_at > alert.c.starts_at,
        and_(later.c.starts_at == alert.c.starts_at, later.c.status == AlertStatus.RESOLVED.value),
    )
    outlived = exists().where(
        later.c.fingerprint == alert.c.fingerprint, later.c.incident_id == alert.c.incident_id, follows
    )
    return exists().where(
        alert.c.incident_id == incident_id, alert.c.status == AlertStatus.FIRING.value, ~outlived
    )
