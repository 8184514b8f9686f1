"""The dead-man's switch: a silent watcher would tell of nothing else, so its silence is an incident.

The watcher's heartbeat is the Watchdog alert, which always fires. When it stays out, triage raises an alert
of its own through the same door as any other, and resolves it with the next heartbeat.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from triage.alert import Alert, AlertBatch, AlertStatus
from triage.clock import Clock
from triage.errors import StoreOverloaded
from triage.store.heartbeats import Heartbeats
from triage.store.incidents import IncidentStore
from triage.store.intake import Intake

ALERT = "HeartbeatMissing"
GROUP = "triage:heartbeat"

_log = structlog.stdlib.get_logger()


class Vigil:
    """Looks every ``poll_seconds`` whether the last heartbeat is older than ``patience``."""

    def __init__(
        self,
        heartbeats: Heartbeats,
        intake: Intake,
        store: IncidentStore,
        clock: Clock,
        patience: timedelta,
        raised: Callable[[], None],
        poll_seconds: float = 1.0,
    ) -> None:
        self._heartbeats = heartbeats
        self._intake = intake
        self._store = store
        self._clock = clock
        self._patience = patience
        self._raised = raised
        self._poll_seconds = poll_seconds
        # what was missed while triage itself was down is no silence of the watcher
        self._since = clock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="triage-vigil", daemon=True)

    def start(self) -> None:
        """Look from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join(5.0)

    def look(self) -> None:
        """Raise or resolve the alert, as the last heartbeat demands; looking again changes nothing.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: when the database can't be read or written.
        """
        last = self._heartbeats.last()
        heard = max(last or self._since, self._since)
        missing_since = self._missing_since()
        if missing_since is None and self._clock() - heard > self._patience:
            self._tell(_alert(heard, None))
        elif missing_since is not None and last is not None and last > missing_since:
            self._tell(_alert(missing_since, last))

    def _missing_since(self) -> datetime | None:
        incident = self._store.latest_of_group(GROUP)
        if incident is None or incident.status is AlertStatus.RESOLVED:
            return None
        return incident.primary.starts_at

    def _tell(self, alert: Alert) -> None:
        self._intake.take(AlertBatch(GROUP, (alert,)))
        _log.warning("heartbeat_missing" if alert.ends_at is None else "heartbeat_back")
        self._raised()

    def _run(self) -> None:
        while not self._stop.wait(self._poll_seconds):
            try:
                self.look()
            except (SQLAlchemyError, StoreOverloaded) as error:
                # the next look tries again; /healthz tells of the database
                _log.error("vigil_failed", error=type(error).__name__)


def _alert(starts_at: datetime, ends_at: datetime | None) -> Alert:
    return Alert(
        fingerprint="heartbeat",
        status=AlertStatus.RESOLVED if ends_at else AlertStatus.FIRING,
        starts_at=starts_at,
        ends_at=ends_at,
        labels={"alertname": ALERT, "severity": "critical"},
        annotations={
            "summary": "Prometheus or Alertmanager is silent: no alert would reach anybody",
            "runbook_url": "docs/runbooks/Watchdog.md",
        },
    )
