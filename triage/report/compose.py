"""From an incident and its analyses to the report."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from triage.alert import Alert
from triage.analysts.analysis import Analysis
from triage.analysts.combining import ranked_causes
from triage.evidence.item import EvidenceItem
from triage.incident import Incident
from triage.report.document import AlertLine, AnalystLine, EvidenceLine, Report
from triage.report.drift_table import drift_section
from triage.report.kind import kind_of
from triage.report.next_steps import next_steps
from triage.report.sentence import sentence_of
from triage.report.series import latency_of, plotted_series
from triage.report.similar import Traits, similar, templates_of, traits_of
from triage.report.spending import Phase, Spending
from triage.report.team import team_of
from triage.report.timeline import onset_of, timeline, with_present_alerts

#: the traits of earlier incidents that may resemble a new one
Past = Callable[[Traits], Iterable[Traits]]


#: of a page or a file: no blanks, quotes or signs that a shell reads
_ADDRESS = re.compile(r"(?:https?://)?[\w.~:/?#@%&=+,-]{1,500}")


@dataclass(frozen=True, slots=True)
class Findings:
    """What the analysts said of the evidence, in the order of trust."""

    analyses: Sequence[Analysis]
    analysts: Sequence[AnalystLine]
    evidence: Sequence[EvidenceItem]
    spending: Spending = field(default_factory=Spending)

    def after(self, phase: Phase) -> Findings:
        """The same findings, with a phase of the work that came before the analysts'."""
        spending = self.spending.model_copy(update={"phases": (phase, *self.spending.phases)})
        return replace(self, spending=spending)


def compose(incident: Incident, findings: Findings, now: datetime, past: Past = lambda _: ()) -> Report:
    """A new report; ``past`` gives the earlier incidents to compare it with."""
    alert = incident.primary
    evidence = findings.evidence
    causes = ranked_causes(findings.analyses)
    series = plotted_series(evidence)
    onset = onset_of(evidence)
    runbook = _runbook(alert)
    report = Report(
        incident_id=incident.id,
        kind=kind_of(alert.name),
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
        causes=causes,
        ruled_out=tuple(out for analysis in findings.analyses for out in analysis.ruled_out),
        hypotheses=tuple(guess for analysis in findings.analyses for guess in analysis.hypotheses),
        not_seen=tuple(what for analysis in findings.analyses for what in analysis.not_seen),
        analysts=tuple(findings.analysts),
        evidence=tuple(_evidence_line(item) for item in evidence),
        latency=latency_of(series),
        series=series,
        onset=onset[2] if onset else None,
        timeline=timeline(incident, evidence),
        next_steps=next_steps(causes, evidence, runbook),
        team=team_of(alert, evidence, causes),
        drift=drift_section(alert, evidence),
        spending=findings.spending,
        runbook=runbook,
        episodes=tuple(sorted(incident.episodes)),
        analysed_at=now,
        written_at=now,
    )
    return _compared(report, alert, past)


def updated(report: Report, incident: Incident, now: datetime) -> Report:
    """The same report with the alerts' present state, its analysis untouched."""
    present = report.model_copy(
        update={
            "status": incident.status,
            "started_at": incident.started_at,
            "resolved_at": incident.resolved_at,
            "relapses": incident.relapses,
            "truncated": incident.truncated,
            "alerts": tuple(_alert_line(one) for one in incident.current),
            "timeline": with_present_alerts(report.timeline, incident),
            "written_at": now,
        }
    )
    return present.model_copy(update={"sentence": sentence_of(present, incident.primary.labels)})


def _compared(report: Report, alert: Alert, past: Past) -> Report:
    """The report with what is computed from the rest of it."""
    sentence = sentence_of(report, alert.labels)
    told = report.model_copy(update={"sentence": sentence, "templates": templates_of(report)})
    traits = traits_of(told)
    return told.model_copy(update={"similar": similar(traits, past(traits))})


def _runbook(alert: Alert) -> str:
    """Where the alert says that one is; nobody gets a command into a report by an annotation."""
    said = alert.annotations.get("runbook_url", "")
    return said if _ADDRESS.fullmatch(said) else ""


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
