"""The seam between triage and the systems that it reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from triage.alert import Alert
from triage.evidence.item import EvidenceItem
from triage.symptom import Symptom, symptom_of

#: names that may become part of a path or a query; anything else in an alert's labels is not used
_MODEL = re.compile(r"[a-z][a-z0-9_]{0,62}")
_SERVICE = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
#: what lies further back is rarely kept, and never what an on-call person needs
_LONGEST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Scope:
    """What to gather evidence about."""

    symptom: Symptom
    model: str | None
    service: str | None
    starts_at: datetime
    ends_at: datetime | None
    now: datetime

    @property
    def until(self) -> datetime:
        """The end of what matters: the alert's end, or now."""
        return min(self.ends_at, self.now) if self.ends_at else self.now


class Collector(Protocol):
    """Reads one kind of source and never changes it."""

    @property
    def name(self) -> str:
        """By which the plan chooses it; also the id of the item that stands for it when it breaks."""
        ...

    def collect(self, scope: Scope) -> Sequence[EvidenceItem]:
        """Gather what the source says about ``scope``; an unreachable source is an item that says so."""
        ...


def scope_of(alert: Alert, now: datetime) -> Scope:
    """The scope of one alert; labels that are no names are ignored, and so are times out of reach."""
    model = _named(_MODEL, alert.labels.get("model"))
    service = _named(_SERVICE, alert.labels.get("service")) or (f"model-{model}" if model else None)
    starts_at = min(max(alert.starts_at, now - _LONGEST), now)
    return Scope(symptom_of(alert.name), model, service, starts_at, alert.ends_at, now)


def _named(pattern: re.Pattern[str], value: str | None) -> str | None:
    return value if value and pattern.fullmatch(value) else None
