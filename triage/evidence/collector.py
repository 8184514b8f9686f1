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
#: names of Kubernetes objects, and of containers in them
_OBJECT = re.compile(r"[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
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
    #: the alert itself, redacted
    alert: Alert
    #: where the alert's pods are; None outside a cluster
    namespace: str | None = None
    pod: str | None = None
    container: str | None = None
    #: the persistent volume claim
    claim: str | None = None
    deployment: str | None = None
    #: Argo CD's
    application: str | None = None

    @property
    def is_in_cluster(self) -> bool:
        """Whether there can be pods, and so causes that only pods have."""
        return self.namespace is not None or self.application is not None

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


def scope_of(alert: Alert, now: datetime, models_namespace: str | None = None) -> Scope:
    """The scope of one alert; labels that are no names are ignored, and so are times out of reach.

    ``models_namespace`` is where a cluster keeps the models, since an alert about a model names no namespace.
    """
    labels = alert.labels
    model = _named(_MODEL, labels.get("model"))
    home = models_namespace if model else None
    return Scope(
        symptom=symptom_of(alert.name),
        model=model,
        service=_named(_SERVICE, labels.get("service")) or (f"model-{model}" if model else None),
        starts_at=min(max(alert.starts_at, now - _LONGEST), now),
        ends_at=alert.ends_at,
        now=now,
        alert=alert,
        namespace=_named(_LABEL, labels.get("namespace")) or home,
        pod=_named(_OBJECT, labels.get("pod")),
        container=_named(_LABEL, labels.get("container")),
        claim=_named(_OBJECT, labels.get("persistentvolumeclaim")),
        deployment=_named(_OBJECT, labels.get("deployment")),
        application=_named(_OBJECT, labels.get("application")),
    )


def _named(pattern: re.Pattern[str], value: str | None) -> str | None:
    return value if value and pattern.fullmatch(value) else None
