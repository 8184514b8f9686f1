"""A drift detector's event: the statistics that it computed, or the word that a model is well again.

The form is our own, so an unknown key is a mistake. How urgent an event is, no sender says: code computes it
from the statistics. A feature's name is text from a table that anybody may have filled: it is redacted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import AwareDatetime, Field, ValidationError, model_validator

from homeostat.config import Document
from homeostat.matching import matching
from homeostat.redaction import redact
from homeostat.sentences import sentences
from homeostat.yaml_text import read_yaml
from triage.alert import Alert, AlertBatch, AlertStatus, Recovery
from triage.drift.assessment import Assessment, DriftClass, assess
from triage.drift.statistic import MOST_STATISTICS, Statistic, StatisticName, canonical
from triage.errors import InvalidPayload
from triage.senders.alertmanager import Start
from triage.symptom import MODEL_DRIFT

RUNBOOK = "docs/runbooks/ModelDrift.md"

ModelName = Annotated[
    str, matching("[a-z][a-z0-9_]{0,62}", "a model's name: lower-case letters, digits and underscores")
]
Version = Annotated[
    str, matching("[A-Za-z0-9][A-Za-z0-9._-]{0,63}", "a version's name: letters, digits, dots, hyphens")
]
DetectorName = Annotated[
    str,
    matching(
        "[A-Za-z0-9][A-Za-z0-9 ._/-]{0,99}", "a detector's name: letters, digits, blanks, dots, hyphens"
    ),
]
Baseline = Literal["7d", "14d", "30d"]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class Span(Document):
    """What the current values were computed over."""

    start: Start
    end: AwareDatetime

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Span:
        if self.start >= self.end:
            raise ValueError("end must be later than start")
        return self


class ForeignStatistic(Document):
    """One element of ``statistics``."""

    statistic: StatisticName
    feature: str | None = Field(default=None, min_length=1, max_length=200)
    #: how far back its baseline reaches; else the event's
    window: Baseline | None = None
    baseline: Finite
    current: Finite
    #: what the detector allows
    threshold: Finite | None = None
    effect: Finite | None = None
    p_value: Finite | None = Field(default=None, ge=0, le=1)
    n: int | None = Field(default=None, ge=1, le=10**15)

    @model_validator(mode="after")
    def _names_its_feature(self) -> ForeignStatistic:
        if self.feature is None and self.statistic in (StatisticName.FEATURE_SHIFT, StatisticName.IMPORTANCE):
            raise ValueError(f"feature must be named, since statistic is {self.statistic}")
        return self


class DriftEvent(Document):
    """The body of one call."""

    model: ModelName
    version: Version
    detector: DetectorName
    observed_at: Start
    #: how far back the baseline of statistics without a window of their own reaches
    baseline: Baseline | None = None
    #: what the current values were computed over
    window: Span | None = None
    statistics: tuple[ForeignStatistic, ...] = Field(default=(), max_length=MOST_STATISTICS)
    #: whether the model is well again
    resolved: bool = False

    @model_validator(mode="before")
    @classmethod
    def _understood(cls, content: Any) -> Any:
        if not isinstance(content, Mapping):
            return content
        fields = dict(cast("Mapping[str, Any]", content))
        if isinstance(fields.get("version"), int) and not isinstance(fields["version"], bool):
            fields["version"] = str(fields["version"])
        # "7d" in place of a start and an end is how far back the baseline reaches
        if isinstance(fields.get("window"), str):
            fields.setdefault("baseline", fields.pop("window"))
        return fields

    @model_validator(mode="after")
    def _says_something(self) -> DriftEvent:
        if not self.resolved and not self.statistics:
            raise ValueError("statistics must have at least one item unless resolved is true")
        return self


def parse_drift(body: bytes | str) -> AlertBatch | Recovery:
    """Read one call's body.

    Raises:
        InvalidPayload: with a sentence for every field that is not what it should be.
    """
    try:
        return told_by(DriftEvent.model_validate_json(body))
    except ValidationError as error:
        raise InvalidPayload("the drift event", _sentences(error)) from None


def load_drift(path: Path) -> AlertBatch | Recovery:
    """Read an event from a file, JSON or YAML.

    Raises:
        InvalidPayload: with a sentence for every field that is not what it should be.
        ConfigError: when the file can't be read at all.
    """
    try:
        return told_by(DriftEvent.model_validate(read_yaml(path)))
    except ValidationError as error:
        raise InvalidPayload(path, _sentences(error)) from None


def _sentences(error: ValidationError) -> Sequence[str]:
    return [redact(sentence) for sentence in sentences(error, DriftEvent)]


def told_by(event: DriftEvent) -> AlertBatch | Recovery:
    """What an event means."""
    group = f"drift:{event.model}"
    if event.resolved:
        return Recovery(group, event.observed_at)
    return AlertBatch(group, (_alert(event),))


def _alert(event: DriftEvent) -> Alert:
    statistics = [_statistic(one, event.baseline) for one in event.statistics]
    said = assess(statistics)
    labels = {
        "alertname": MODEL_DRIFT,
        "model": event.model,
        "version": redact(event.version),
        "severity": said.urgency.severity,
        "urgency": said.urgency.value,
        "detector": redact(event.detector),
    }
    annotations = {
        "summary": _summary(event, said),
        "statistics": canonical(statistics),
        "window": _window(event.window),
        "runbook_url": RUNBOOK,
    }
    return Alert(
        fingerprint=_fingerprint(event),
        status=AlertStatus.FIRING,
        starts_at=event.observed_at,
        ends_at=None,
        labels={name: value for name, value in labels.items() if value},
        annotations={name: value for name, value in annotations.items() if value},
    )


def _statistic(one: ForeignStatistic, baseline: str | None) -> Statistic:
    return Statistic(
        statistic=one.statistic,
        feature=redact(" ".join((one.feature or "").split())),
        window=one.window or baseline or "",
        baseline=one.baseline,
        current=one.current,
        threshold=one.threshold,
        effect=one.effect,
        p_value=one.p_value,
        n=one.n,
    )


def _fingerprint(event: DriftEvent) -> str:
    """Whose word on which model; with the time of the observation it is the alert's identity."""
    return hashlib.sha256(f"drift\0{event.model}\0{event.detector}".encode()).hexdigest()[:32]


def _summary(event: DriftEvent, said: Assessment) -> str:
    if said.drift is DriftClass.NONE:
        return f"{event.model} was compared with its baseline: nothing is both significant and large"
    about = f" of {', '.join(said.features[:3])}" if said.features else ""
    return f"{event.model} shows {said.drift}{about}"


def _window(span: Span | None) -> str:
    return f"{_iso(span.start)}/{_iso(span.end)}" if span else ""


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
