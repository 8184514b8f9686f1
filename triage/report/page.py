"""The report as one HTML file: no script, nothing to load, readable offline, on a phone and on paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from homeostat.redaction import redact
from triage.analysts.analysis import Cause, RuledOut
from triage.evidence.item import EvidenceItem
from triage.report.cost import cost_of
from triage.report.document import PlottedSeries, Report, ReportKind
from triage.report.drift_table import shown_drift
from triage.report.excerpt import cited_lines
from triage.report.feedback import MOST_NOTE_CHARACTERS, GivenFeedback
from triage.report.html import render_html
from triage.report.link import is_link
from triage.report.marks import marks_within
from triage.report.plot import described, draw
from triage.report.sentence import sentence_of
from triage.report.series import LATENCY

_MOST_ALERTS = 20
#: classes of the style sheet; no label becomes one
_SEVERITIES = frozenset({"critical", "warning"})


@dataclass(frozen=True, slots=True)
class Said:
    """What people said: of this report, and of those that it is compared with."""

    of_this: Sequence[GivenFeedback] = ()
    of_similar: Mapping[str, GivenFeedback] = field(default_factory=dict[str, GivenFeedback])


def to_html(report: Report, evidence: Iterable[EvidenceItem] = (), served: Said | None = None) -> str:
    """The page; ``served`` gives it the feedback, its form and links to other incidents.

    Without ``evidence`` the cited lines stand without their surroundings.
    """
    items = {item.id: item for item in evidence}
    said = served or Said()
    is_digest = report.kind is ReportKind.DIGEST
    # a digest is there to list them
    most_alerts = len(report.alerts) if is_digest else _MOST_ALERTS
    return render_html(
        "report.html",
        forms="'self'" if served else "'none'",
        report=report,
        is_served=served is not None,
        subject=report.subject or report.model,
        severity=report.severity if report.severity in _SEVERITIES else "",
        # reports of before have no sentence
        sentence=report.sentence or sentence_of(report, {}),
        runbook_link=report.runbook if is_link(report.runbook) else "",
        causes=[_claim(cause, items) for cause in report.causes],
        ruled_out=[_claim(out, items) for out in report.ruled_out],
        moments=[
            {**dict(moment), "kind": moment.kind.value, "lines": cited_lines(moment.citations, items)}
            for moment in report.timeline
        ],
        drift=shown_drift(report.drift),
        plots=_plots(report),
        similar=[{**dict(one), "judged": said.of_similar.get(one.incident_id)} for one in report.similar],
        is_digest=is_digest,
        alerts=report.alerts[:most_alerts],
        more_alerts=max(0, len(report.alerts) - most_alerts),
        cost=cost_of(report.spending),
        problems=list(_problems(report)),
        judged=said.of_this,
        most_note=MOST_NOTE_CHARACTERS,
    )


def _claim(claim: Cause | RuledOut, items: Mapping[str, EvidenceItem]) -> Mapping[str, Any]:
    shown = {**dict(claim), "lines": cited_lines(claim.citations, items)}
    if isinstance(claim, Cause):
        shown["percent"] = f"{claim.confidence:.0%}"
    return shown


def _plots(report: Report) -> Sequence[Mapping[str, Any]]:
    old = PlottedSeries(name=LATENCY, title="p95 latency", unit="s", points=report.latency)
    plots: list[Mapping[str, Any]] = []
    for series in report.series or (old,):
        if len(series.points) > 1:
            marks = marks_within(report, series)
            # drawn by us, with every foreign word escaped
            svg = Markup(redact(draw(series, marks)))  # noqa: S704 # nosec B704
            plots.append({"svg": svg, "caption": described(series, marks)})
    return plots


def _problems(report: Report) -> Iterable[str]:
    for analyst in report.analysts:
        if analyst.problem:
            yield f"The {analyst.name} analyst was unavailable: {analyst.problem}"
        for reason in analyst.dropped:
            yield f"A claim of the {analyst.name} was dropped: {reason}."
