"""The report as data: what ``GET /api/incidents/{id}`` answers and what the Markdown is rendered from."""

from __future__ import annotations

from datetime import datetime

from homeostat.config import Document
from triage.alert import AlertStatus
from triage.analysts.analysis import Cause, Hypothesis, RuledOut
from triage.evidence.item import EvidenceStatus, Point


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
    onset: datetime | None
    runbook: str
    #: the alerts' episodes that the analysis covers; a new one asks for a new analysis
    episodes: tuple[str, ...]
    analysed_at: datetime
    written_at: datetime
