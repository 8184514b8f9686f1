"""What destinations are to show: noted inside the transaction that keeps the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from triage.destinations.delivery import DeliveryState
from triage.store.tables import deliveries


def want(
    connection: Connection, incident_id: str, revisions: Mapping[str, str], now: datetime
) -> Mapping[str, bool]:
    """Note inside the caller's transaction what each destination is to show; False where it does already.

    A dead letter gets a new chance with new content, since what was wrong may have been mended.
    """
    query = select(deliveries).where(deliveries.c.incident_id == incident_id)
    known = {row.destination: row for row in connection.execute(query)}
    changed: dict[str, bool] = {}
    for destination, revision in revisions.items():
        row = known.get(destination)
        changed[destination] = row is None or row.wanted != revision
        if row is None:
            connection.execute(insert(deliveries).values(**_new(incident_id, destination, revision, now)))
        elif row.wanted != revision:
            changes = {"wanted": revision, **_revived(row, revision, now)}
            connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(**changes))
    return changed


def destinations_of(connection: Connection, incident_id: str) -> Sequence[str]:
    """Where something of this incident is shown, or is to be."""
    query = select(deliveries.c.destination).where(deliveries.c.incident_id == incident_id)
    return connection.scalars(query).all()


def _new(incident_id: str, destination: str, revision: str, now: datetime) -> dict[str, Any]:
    return {
        "incident_id": incident_id,
        "destination": destination,
        "state": DeliveryState.PENDING.value,
        "wanted": revision,
        "attempts": 0,
        "run_after": now,
        "created_at": now,
        "waiting_since": now,
    }


def _revived(row: Any, revision: str, now: datetime) -> dict[str, Any]:
    """What else changes: a row on its way, or one that waits for its turn, keeps its time."""
    if row.state in (DeliveryState.PENDING.value, DeliveryState.SENDING.value):
        return {}
    if row.sent == revision:
        return {"state": DeliveryState.SENT.value, "waiting_since": None}
    return {"state": DeliveryState.PENDING.value, "attempts": 0, "run_after": now, "waiting_since": now}
