"""One alert as triage keeps it, whoever sent it: redacted, with aware times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AlertStatus(StrEnum):
    """Whether the condition holds."""

    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes two deliveries the same alert: a retry has the same identity and changes nothing."""

    fingerprint: str
    starts_at: datetime
    status: AlertStatus


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert of one delivery."""

    fingerprint: str
    status: AlertStatus
    starts_at: datetime
    #: None while it fires
    ends_at: datetime | None
    labels: Mapping[str, str]
    annotations: Mapping[str, str]

    @property
    def identity(self) -> Identity:
        """See :class:`Identity`."""
        return Identity(self.fingerprint, self.starts_at, self.status)

    @property
    def name(self) -> str:
        """The rule that fired."""
        return self.labels.get("alertname", "unnamed alert")

    @property
    def subject(self) -> str:
        """What it is about: the most telling of the labels, or the empty string."""
        labels = self.labels
        namespace = labels.get("namespace", "")
        for name in ("model", "application", "pod", "deployment", "persistentvolumeclaim", "service", "node"):
            if found := labels.get(name, ""):
                return f"{namespace}/{found}" if namespace and name not in {"model", "application"} else found
        return namespace


@dataclass(frozen=True, slots=True)
class AlertBatch:
    """What one webhook call carried: the alerts of one group."""

    group_key: str
    alerts: tuple[Alert, ...]
    #: alerts that the sender left out because of its ``max_alerts``
    truncated: int = 0


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a sender tells that knows only that all of a group is well again."""

    group_key: str
    at: datetime
    #: since when all was well: what began later is not ended by it; None ends everything
    since: datetime | None = None
