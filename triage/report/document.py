"""The report as data: what ``GET /api/incidents/{id}`` answers and what the Markdown is rendered from."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from homeostat.config import Document
from triage.alert import AlertStatus
from triage.analysts.analysis import Cause, Citation, Hypothesis, Remedy, RuledOut
from triage.evidence.item import EvidenceStatus, Point
from triage.report.drift_table import DriftSection
from triage.report.spending import Spending


class ReportKind(StrEnum):
    """What set triage to work."""

    ALERT = "alert"
    PIPELINE = "pipeline"
    DRIFT = "drift"
    #: too many groups at once: what was not looked at one by one
    DIGEST = "digest"


class MomentKind(StrEnum):
    """What a moment of the timeline is."""

    #: when the numbers began to change
    ONSET = "onset"
    ALERT = "alert"
    #: somebody or a pipeline changed something
    CHANGE = "change"
    #: another version, image or specification began to be served
    ROLLOUT = "rollout"
    RESTART = "restart"
    #: something else that the evidence dates
    EVENT = "event"
    RESOLVED = "resolved"


class TimelineMoment(Document):
    """One entry of the timeline; only what the alerts themselves say has no citation."""

    at: datetime
    kind: MomentKind
    text: str
    citations: tuple[Citation, ...] = ()


class PlottedSeries(Document):
    """One series worth a plot."""

    #: such as ``latency_p95``
    name: str
    title: str
    #: what stands behind a value, such as ``s``; empty for a share
    unit: str = ""
    points: tuple[Point, ...]


class SimilarIncident(Document):
    """An earlier incident, and what it has in common with this one."""

    incident_id: str
    alertname: str
    subject: str
    cause_kind: str
    cause_title: str
    started_at: datetime
    #: what both have, such as "the same cause"
    why: tuple[str, ...]


class AlertLine(Document):
    """One of the incident's alerts in a line."""

    name: str
    model: str
    status: AlertStatus
    starts_at: datetime
    ends_at: datetime | None
    summary: str


class AnalystLine(Document):
    """What became of one analyst's work; ``problem`` is empty when it answered."""

    name: str
    problem: str = ""
    dropped: tuple[str, ...] = ()


class EvidenceLine(Document):
    """One item of evidence in a line."""

    id: str
    source: str
    status: EvidenceStatus
    note: str
    lines: int


class Report(Document):
    """See the module's docstring."""

    incident_id: str
    kind: ReportKind = ReportKind.ALERT
    #: what happened, in one sentence
    sentence: str = ""
    status: AlertStatus
    alertname: str
    model: str
    #: what it is about, where that is no model
    subject: str = ""
    severity: str
    started_at: datetime
    resolved_at: datetime | None
    relapses: int
    truncated: int
    alerts: tuple[AlertLine, ...]
    causes: tuple[Cause, ...]
    ruled_out: tuple[RuledOut, ...]
    hypotheses: tuple[Hypothesis, ...]
    #: looked for, neither found nor ruled out
    not_seen: tuple[str, ...]
    analysts: tuple[AnalystLine, ...]
    evidence: tuple[EvidenceLine, ...]
    #: the alert's p95 latency in seconds
    latency: tuple[Point, ...]
    #: every series that is worth a plot, the latency too
    series: tuple[PlottedSeries, ...] = ()
    onset: datetime | None
    timeline: tuple[TimelineMoment, ...] = ()
    #: at most five, the most alike first
    similar: tuple[SimilarIncident, ...] = ()
    #: what a person would do first, the most helpful step first
    next_steps: tuple[Remedy, ...] = ()
    #: who is asked to look
    team: str = ""
    #: of a drift: its statistics, its urgency, and what code did about it
    drift: DriftSection | None = None
    #: shapes of the lines that the causes rest on, by which incidents are compared
    templates: tuple[str, ...] = ()
    spending: Spending = Field(default_factory=Spending)
    runbook: str
    #: the alerts' episodes that the analysis covers; a new one asks for a new analysis
    episodes: tuple[str, ...]
    analysed_at: datetime
    written_at: datetime
