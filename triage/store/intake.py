"""The door: a batch of alerts and the jobs that it causes, committed together or not at all.

The caller answers 2xx only after the receipt is there; until then the sender keeps the alert.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection, insert

from triage.alert import AlertBatch, AlertStatus, Recovery
from triage.clock import Clock
from triage.incident import urgency_rank
from triage.queue.enqueueing import enqueue
from triage.store import tables
from triage.store.grouping import bounded
from triage.store.incidents import latest_of_group
from triage.store.recording import record, row
from triage.store.writer import Writer
from triage.storms.storms import OWN, Storms


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a batch."""

    incident_ids: tuple[str, ...]
    accepted: int
    duplicates: int


class Intake:
    """Stores batches; safe to call from several threads and with the same batch twice."""

    def __init__(self, writer: Writer, clock: Clock, quiet_time: timedelta, storms: Storms) -> None:
        self._writer = writer
        self._clock = clock
        self._quiet_time = quiet_time
        self._storms = storms

    def take(self, delivery: AlertBatch | Recovery) -> Receipt:
        """Commit what one call told, and wait for it.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: when nothing could be committed; nothing is then stored.
            StoreOverloaded: when too many calls wait already.
        """
        return self.submit(delivery).result()

    def submit(self, delivery: AlertBatch | Recovery) -> Future[Receipt]:
        """Like :meth:`take`, for who has better things to do than to wait.

        Raises:
            StoreOverloaded: when too many calls wait already.
        """
        match delivery:
            case AlertBatch():
                return self._writer.submit(lambda connection: self._accept(connection, delivery))
            case Recovery():
                return self._writer.submit(lambda connection: self._resolve(connection, delivery))

    def _accept(self, connection: Connection, batch: AlertBatch) -> Receipt:
        """The alerts that are new, each to its incident, and one job for each incident touched."""
        now = self._clock()
        recorded = record(connection, batch, now, self._quiet_time)
        for incident_id, alerts in recorded.touched.items():
            worst = min(alerts, key=lambda alert: urgency_rank(alert.labels.get("severity", "")))
            opened = incident_id == recorded.opened
            if batch.group_key.startswith(OWN) or self._storms.admits(
                connection, incident_id, worst, opened=opened
            ):
                enqueue(connection, incident_id, now, urgency_rank(worst.labels.get("severity", "")))
        return Receipt(tuple(recorded.touched), recorded.accepted, recorded.duplicates)

    def _resolve(self, connection: Connection, recovery: Recovery) -> Receipt:
        """Resolve every alert of the group that fires; a group in which none does is left as it is."""
        now = self._clock()
        incident = latest_of_group(connection, bounded(recovery.group_key))
        if incident is None or incident.status is AlertStatus.RESOLVED:
            return Receipt((), 0, 1)
        ended = [
            row(incident.id, replace(alert, status=AlertStatus.RESOLVED, ends_at=recovery.at), now)
            for alert in incident.current
            if alert.status is AlertStatus.FIRING
            # runs may end in another order than they began
            and (recovery.since is None or alert.starts_at <= recovery.since)
        ]
        if not ended:
            return Receipt((), 0, 1)
        connection.execute(insert(tables.alerts), ended)
        enqueue(connection, incident.id, now)
        return Receipt((incident.id,), len(ended), 0)
