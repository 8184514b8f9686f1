"""From an incident and its analyses to the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from triage.alert import Alert
from triage.analysts.analysis import Analysis
from triage.analysts.combining import ranked_causes
from triage.evidence.item import EvidenceItem, Point
from triage.incident import Incident
from triage.report.document import AlertLine, AnalystLine, EvidenceLine, Report
from triage.report.spending import Spending


@dataclass(frozen=True, slots=True)
class Findings:
    """What the analysts said of the evidence, in the order of trust."""

    analyses: Sequence[Analysis]
    analysts: Sequence[AnalystLine]
    evidence: Sequence[EvidenceItem]
    spending: Spending = field(default_factory=Spending)


def compose(incident: Incident, findings: Findings, now: datetime) -> Report:
    """A new report."""
    alert = incident.primary
    return Report(
        incident_id=incident.id,
        status=incident.status,
        alertname=alert.name,
        model=alert.labels.get("model", ""),
        subject=alert.subject,
        severity=alert.labels.get("severity", ""),
        started_at=incident.started_at,
        resolved_at=incident.resolved_at,
        relapses=incident.relapses,
        truncated=incident.truncated,
        alerts=tuple(_alert_line(one) for one in incident.current),
        causes=ranked_causes(findings.analyses),
        ruled_out=tuple(out for analysis in findings.analyses for out in analysis.ruled_out),
        hypotheses=tuple(guess for analysis in findings.analyses for guess in analysis.hypotheses),
        not_seen=tuple(what for analysis in findings.analyses for what in analysis.not_seen),
        analysts=tuple(findings.analysts),
        evidence=tuple(_evidence_line(item) for item in findings.evidence),
        latency=_latency(findings.evidence),
        onset=_onset(findings.evidence),
        spending=findings.spending,
        runbook=alert.annotations.get("runbook_url", ""),
        episodes=tuple(sorted(incident.episodes)),
        analysed_at=now,
        written_at=now,
    )


def updated(report: Report, incident: Incident, now: datetime) -> Report:
    """The same report with the alerts' present state, its analysis untouched."""
    return report.model_copy(
        update={
            "status": incident.status,
            "started_at": incident.started_at,
            "resolved_at": incident.resolved_at,
            "relapses": incident.relapses,
            "truncated": incident.truncated,
            "alerts": tuple(_alert_line(one) for one in incident.current),
            "written_at": now,
        }
    )


def _alert_line(alert: Alert) -> AlertLine:
    return AlertLine(
        name=alert.name,
        model=alert.labels.get("model", ""),
        status=alert.status,
        starts_at=alert.starts_at,
        ends_at=alert.ends_at,
        summary=alert.annotations.get("summary", ""),
    )


def _evidence_line(item: EvidenceItem) -> EvidenceLine:
    return EvidenceLine(
        id=item.id, source=item.source, status=item.status, note=item.note, lines=len(item.lines)
    )


def _latency(evidence: Sequence[EvidenceItem]) -> tuple[Point, ...]:
    return next((item.points for item in evidence if item.points), ())


def _onset(evidence: Sequence[EvidenceItem]) -> datetime | None:
    onsets = (seen.numbers.get("onset") for item in evidence for seen in item.observations)
    at = next((at for at in onsets if at is not None), None)
    return datetime.fromtimestamp(at, UTC) if at is not None else None
