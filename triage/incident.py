"""An incident: the alerts of one group over one epoch, and what follows from them.

Nothing is stored about an incident that its alerts don't say, so the two can't disagree. A group's next
epoch begins when all of its alerts were resolved and a quiet time has passed; alerts that come back sooner
are the same incident, flapping.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from triage.alert import Alert, AlertStatus

_SEVERITIES = {"critical": 0, "warning": 1, "info": 2}
#: the rank of a severity that is not known
LEAST_URGENT = len(_SEVERITIES)


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident with at least one alert."""

    id: str
    group_key: str
    epoch: int
    #: every delivery that was kept, in the order of arrival
    alerts: tuple[Alert, ...]
    truncated: int = 0

    @property
    def current(self) -> tuple[Alert, ...]:
        """The latest word on each fingerprint; of one ``startsAt``, resolved outlives a late firing."""
        latest: dict[str, Alert] = {}
        for alert in self.alerts:
            known = latest.get(alert.fingerprint)
            if known is None or _age(alert) > _age(known):
                latest[alert.fingerprint] = alert
        return tuple(latest.values())

    @property
    def status(self) -> AlertStatus:
        """Resolved once nothing of it fires any more."""
        fires = any(alert.status is AlertStatus.FIRING for alert in self.current)
        return AlertStatus.FIRING if fires else AlertStatus.RESOLVED

    @property
    def primary(self) -> Alert:
        """The alert that is diagnosed: firing before resolved, then the most severe, then the earliest."""
        return min(self.current, key=_urgency)

    @property
    def started_at(self) -> datetime:
        """When the first of its alerts began."""
        return min(alert.starts_at for alert in self.alerts)

    @property
    def resolved_at(self) -> datetime | None:
        """When the last of its alerts ended, or None while one fires or nobody said when."""
        if self.status is AlertStatus.FIRING:
            return None
        return max((alert.ends_at for alert in self.current if alert.ends_at), default=None)

    @property
    def relapses(self) -> int:
        """How often an alert came back after it was resolved."""
        first_end: dict[str, datetime] = {}
        for alert in self.alerts:
            if alert.status is AlertStatus.RESOLVED:
                known = first_end.get(alert.fingerprint, alert.starts_at)
                first_end[alert.fingerprint] = min(known, alert.starts_at)
        starts = {(alert.fingerprint, alert.starts_at) for alert in self.alerts}
        return sum(1 for one, began in starts if one in first_end and began > first_end[one])

    @property
    def episodes(self) -> frozenset[str]:
        """A name for each time that an alert began: what an analysis has to cover."""
        return frozenset(f"{alert.fingerprint}@{alert.starts_at.isoformat()}" for alert in self.alerts)


def urgency_rank(severity: str) -> int:
    """The place of a severity among others, 0 first; one that is unknown comes last."""
    return _SEVERITIES.get(severity, LEAST_URGENT)


def _age(alert: Alert) -> tuple[datetime, bool]:
    return alert.starts_at, alert.status is AlertStatus.RESOLVED


def _urgency(alert: Alert) -> tuple[bool, int, datetime]:
    severity = alert.labels.get("severity", "")
    return alert.status is AlertStatus.RESOLVED, urgency_rank(severity), alert.starts_at
