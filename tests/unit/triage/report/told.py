"""A report with everything in it, and the evidence that it cites."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from triage.alert import AlertStatus
from triage.analysts.analysis import Cause, Citation, Hypothesis, Remedy, RuledOut
from triage.bootstrap import Triage
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Line, Point
from triage.report.document import (
    AlertLine,
    EvidenceLine,
    MomentKind,
    PlottedSeries,
    Report,
    ReportKind,
    SimilarIncident,
    TimelineMoment,
)
from triage.report.markdown import to_markdown
from triage.report.spending import Phase, Spending
from triage.store import tables

#: lately, since what is old is forgotten
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=6)


def item(text: str = "ValueError: no bytes", **changes: Any) -> EvidenceItem:
    """Ten lines of a log, with ``text`` as the fifth."""
    lines = [Line(number=n, text=f"request {n} served in 0.{n} s") for n in range(1, 11)]
    lines[4] = Line(number=5, text=text, similar=3)
    values: dict[str, Any] = {
        "id": "log.web",
        "source": "log of web",
        "kind": EvidenceKind.RUNTIME,
        "collected_at": BEGAN,
        "status": EvidenceStatus.OK,
        "lines": tuple(lines),
    }
    return EvidenceItem(**(values | changes))


def report(text: str = "ValueError: no bytes", **changes: Any) -> Report:
    """A report whose every free text is ``text``."""
    cited = (Citation(evidence="log.web", line=5, quote=text or "-"),)
    remedy = Remedy(text=text, command=text or None)
    points = tuple(
        Point(at=BEGAN + timedelta(seconds=10 * n - 300), value=0.02 if n < 20 else 0.9) for n in range(40)
    )
    values: dict[str, Any] = {
        "incident_id": "20260102-030405-1f2e3d4c",
        "kind": ReportKind.ALERT,
        "sentence": text,
        "status": AlertStatus.FIRING,
        "alertname": text,
        "model": "phishing_detector",
        "subject": text,
        "severity": text,
        "started_at": BEGAN,
        "resolved_at": None,
        "relapses": 2,
        "truncated": 1,
        "alerts": (
            AlertLine(
                name=text, model="", status=AlertStatus.FIRING, starts_at=BEGAN, ends_at=None, summary=text
            ),
        ),
        "causes": (
            Cause(kind="predict", title=text, explanation=text, confidence=0.92, remediation=(remedy,),
                  citations=cited, found_by="deterministic"),
            Cause(kind="traffic", title=text, explanation=text, confidence=0.4, remediation=(remedy,),
                  citations=cited, found_by="language model"),
        ),
        "ruled_out": (RuledOut(kind="release", title=text, reason=text, citations=cited),),
        "hypotheses": (
            Hypothesis(title=text, explanation=text, why_unproven=text, found_by="language model"),
        ),
        "not_seen": (text,),
        "analysts": (),
        "evidence": (
            EvidenceLine(id="log.web", source=text, status=EvidenceStatus.OK, note=text, lines=10),
            EvidenceLine(
                id="metric.up", source="Prometheus: up", status=EvidenceStatus.TIMEOUT, note="", lines=0
            ),
        ),
        "latency": points,
        "series": (
            PlottedSeries(name="latency_p95", title=text, unit="s", points=points),
            PlottedSeries(name="error_ratio", title="share of requests that failed", points=tuple(
                Point(at=one.at, value=min(1.0, one.value / 2)) for one in points)),
        ),
        "onset": BEGAN - timedelta(seconds=100),
        "timeline": (
            TimelineMoment(
                at=BEGAN - timedelta(seconds=160), kind=MomentKind.ROLLOUT, text=text, citations=cited
            ),
            TimelineMoment(at=BEGAN, kind=MomentKind.ALERT, text=text),
        ),
        "similar": (
            SimilarIncident(incident_id="20260101-000000-00000000", alertname=text, subject=text,
                            cause_kind="predict", cause_title=text, started_at=BEGAN - timedelta(days=1),
                            why=(text,)),
        ),
        "next_steps": (remedy,),
        "team": text,
        "spending": Spending(phases=(Phase(name="gathering evidence", seconds=0.4),), calls=1,
                             input_tokens=900, output_tokens=80, cost_usd=0.002),
        "runbook": text,
        "episodes": (),
        "analysed_at": BEGAN,
        "written_at": BEGAN,
    }  # fmt: skip
    return Report(**(values | changes))


def keep(triage: Triage, told: Report, evidence: EvidenceItem | None = None) -> str:
    """Store an incident with its report as if it had been analysed; its id."""
    ended = told.resolved_at
    with triage.engine.begin() as connection:
        connection.execute(
            insert(tables.incidents).values(
                id=told.incident_id,
                group_key=told.incident_id,
                epoch=1,
                truncated=0,
                opened_at=told.started_at,
            )
        )
        connection.execute(
            insert(tables.alerts).values(
                incident_id=told.incident_id,
                fingerprint=told.incident_id,
                starts_at=told.started_at,
                status="resolved" if ended else "firing",
                ends_at=ended,
                labels={"alertname": told.alertname, "model": told.subject, "severity": told.severity},
                annotations={},
                received_at=told.started_at,
            )
        )
    triage.store.keep_evidence(told.incident_id, [evidence or item()])
    triage.store.keep_report(told, to_markdown(told, None), None)
    return told.incident_id
