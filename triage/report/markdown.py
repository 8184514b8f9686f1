"""The report for people: status, causes with their lines, what was ruled out, and what was missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from homeostat.redaction import redact
from triage.alert import AlertStatus
from triage.analysts.analysis import Cause, Citation
from triage.clock import stamp
from triage.report.cost import cost_of
from triage.report.document import AlertLine, PlottedSeries, Report, ReportKind
from triage.report.drift_table import drift_markdown
from triage.report.markdown_text import block, code, prose
from triage.report.plot import amount
from triage.report.series import LATENCY
from triage.report.spans import lasted
from triage.report.sparkline import sparkline

_MOST_QUOTE_CHARACTERS = 400
#: of a large group the first are shown; the others say the same
_MOST_ALERTS = 20


def to_markdown(report: Report, plot_file: str | None) -> str:
    """The whole report; ``plot_file`` is the plot's name beside it."""
    sections: list[Iterable[str]] = [
        _head(report),
        _next_steps(report),
        _causes(report),
        drift_markdown(report.drift),
        _plots(report, plot_file),
        _timeline(report),
        _hypotheses(report),
        _ruled_out(report),
        _not_seen(report),
        _alerts(report),
        _evidence(report),
        _similar(report),
        _foot(report),
    ]
    return redact("\n".join(line for section in sections for line in section).rstrip() + "\n")


def _head(report: Report) -> Iterable[str]:
    subject = report.subject or report.model
    about = f" on {prose(subject)}" if subject else ""
    yield f"# {prose(report.alertname)}{about}"
    yield ""
    yield f"**{_status(report)}**"
    yield ""
    if report.sentence:
        yield prose(report.sentence)
        yield ""
    if report.kind is not ReportKind.DIGEST:
        yield _summary(report)
        yield ""
    yield from _facts(report)
    yield ""


def _facts(report: Report) -> Iterable[str]:
    yield f"- Incident: {code(report.incident_id)}"
    if report.severity:
        yield f"- Severity: {prose(report.severity)}"
    if report.team:
        yield f"- Team: {prose(report.team)}"
    if report.onset:
        yield f"- Onset by the metrics: {stamp(report.onset)}"
    if report.runbook:
        yield f"- Runbook: {code(report.runbook)}"
    if report.relapses:
        times = "once" if report.relapses == 1 else f"{report.relapses} times"
        yield f"- Flapping: it came back {times} after it was resolved."
    if report.truncated:
        yield f"- Alertmanager left out {report.truncated} more alerts of this group."


def _status(report: Report) -> str:
    if report.status is AlertStatus.FIRING:
        return f"Firing since {stamp(report.started_at)}."
    if report.resolved_at is None:
        return f"Resolved; it fired from {stamp(report.started_at)}."
    after = lasted(report.started_at, report.resolved_at)
    return (
        f"Resolved at {stamp(report.resolved_at)}, after {after} (firing since {stamp(report.started_at)})."
    )


def _summary(report: Report) -> str:
    if not report.causes:
        return "No cause could be shown by the evidence; below is what was looked for and what was ruled out."
    first = report.causes[0]
    if report.sentence:
        # which names the cause already
        return _first_step(first)
    title = prose(first.title.rstrip("."))
    return f"Most likely: {title} ({first.confidence:.0%}). {_first_step(first)}".rstrip()


def _first_step(cause: Cause) -> str:
    if not cause.remediation:
        return ""
    remedy = cause.remediation[0]
    return f"First: {prose(remedy.text)}" + (f" {code(remedy.command)}" if remedy.command else "")


def _next_steps(report: Report) -> Iterable[str]:
    if not report.next_steps:
        return
    yield "## Next steps"
    yield ""
    yield "For a person to review and run; nothing here runs by itself."
    yield ""
    for number, step in enumerate(report.next_steps, start=1):
        yield f"{number}. {prose(step.text)}"
        if step.command:
            yield f"   {code(step.command)}"
    yield ""


def _plots(report: Report, plot_file: str | None) -> Iterable[str]:
    old = PlottedSeries(name=LATENCY, title="p95 latency", unit="s", points=report.latency)
    for series in report.series or ((old,) if report.latency else ()):
        values = [point.value for point in series.points]
        span = f"{stamp(series.points[0].at)} to {stamp(series.points[-1].at)}"
        lowest, highest = amount(min(values), series.unit), amount(max(values), series.unit)
        yield f"{prose(series.title)}, {span}, between {lowest} and {highest}:"
        yield ""
        yield block(sparkline(values))
        yield ""
        if plot_file and series.name == LATENCY:
            yield f"![p95 latency in seconds]({plot_file})"
            yield ""


def _timeline(report: Report) -> Iterable[str]:
    if not report.timeline:
        return
    yield "## Timeline"
    yield ""
    for moment in report.timeline:
        sources = ", ".join(f"{code(one.evidence)} line {one.line}" for one in moment.citations)
        yield f"- {stamp(moment.at)} {moment.kind}: {prose(moment.text)}" + (
            f" ({sources})" if sources else ""
        )
    yield ""


def _causes(report: Report) -> Iterable[str]:
    if not report.causes:
        return
    yield "## Root causes"
    yield ""
    for rank, cause in enumerate(report.causes, start=1):
        yield from _cause(rank, cause)


def _cause(rank: int, cause: Cause) -> Iterable[str]:
    yield f"### {rank}. {prose(cause.title)}"
    yield ""
    yield f"Confidence {cause.confidence:.0%}, found by the {cause.found_by} analyst."
    yield ""
    yield prose(cause.explanation)
    yield ""
    yield "Evidence:"
    yield ""
    yield from _citations(cause.citations)
    yield ""
    yield "What to do (for a person to review and run):"
    yield ""
    for remedy in cause.remediation:
        yield f"- {prose(remedy.text)}"
        if remedy.command:
            yield f"  {code(remedy.command)}"
    yield ""


def _citations(citations: Sequence[Citation]) -> Iterable[str]:
    for one in citations:
        more = " (cut)" if len(one.quote) > _MOST_QUOTE_CHARACTERS else ""
        yield f"- {code(one.evidence)} line {one.line}: {code(one.quote[:_MOST_QUOTE_CHARACTERS])}{more}"


def _hypotheses(report: Report) -> Iterable[str]:
    if not report.hypotheses:
        return
    yield "## Hypotheses (not shown by the evidence)"
    yield ""
    for guess in report.hypotheses:
        yield f"- {prose(guess.title)}: {prose(guess.explanation)} *Unproven: {prose(guess.why_unproven)}.*"
    yield ""


def _ruled_out(report: Report) -> Iterable[str]:
    if not report.ruled_out:
        return
    yield "## Ruled out"
    yield ""
    for out in report.ruled_out:
        yield f"**{prose(out.title)}.** {prose(out.reason)}"
        yield ""
        yield from _citations(out.citations)
        yield ""


def _not_seen(report: Report) -> Iterable[str]:
    if not report.not_seen:
        return
    yield "## Looked for, neither found nor ruled out"
    yield ""
    for what in report.not_seen:
        yield f"- {prose(what)}"
    yield ""


def _alerts(report: Report) -> Iterable[str]:
    yield "## Alerts"
    yield ""
    # a digest is there to list them
    most = len(report.alerts) if report.kind is ReportKind.DIGEST else _MOST_ALERTS
    for alert in report.alerts[:most]:
        summary = f": {prose(alert.summary)}" if alert.summary else ""
        yield f"- {prose(alert.name)} {_spell(alert)}{summary}"
    if len(report.alerts) > most:
        yield f"- {len(report.alerts) - most} more alerts of this group"
    yield ""


def _spell(alert: AlertLine) -> str:
    if alert.status is AlertStatus.FIRING:
        return f"has been firing since {stamp(alert.starts_at)}"
    end = stamp(alert.ends_at) if alert.ends_at else "an unknown time"
    return f"fired from {stamp(alert.starts_at)} to {end}"


def _evidence(report: Report) -> Iterable[str]:
    yield "## Evidence"
    yield ""
    yield "Missing is not healthy: only items that are *ok* say anything."
    yield ""
    yield "| item | source | status | lines | note |"
    yield "|---|---|---|---|---|"
    for item in report.evidence:
        yield (
            f"| {prose(item.id)} | {prose(item.source)} | {item.status} | {item.lines} | {prose(item.note)} |"
        )
    yield ""


def _similar(report: Report) -> Iterable[str]:
    if not report.similar:
        return
    yield "## Similar past incidents"
    yield ""
    for one in report.similar:
        about = f" on {prose(one.subject)}" if one.subject else ""
        cause = f": {prose(one.cause_title)}" if one.cause_title else ": no cause was shown"
        why = prose(", ".join(one.why))
        yield f"- {code(one.incident_id)} {prose(one.alertname)}{about}{cause} ({why})"
    yield ""


def _foot(report: Report) -> Iterable[str]:
    for analyst in report.analysts:
        if analyst.problem:
            yield f"The {analyst.name} analyst was unavailable: {prose(analyst.problem)}"
        for reason in analyst.dropped:
            yield f"A claim of the {analyst.name} was dropped: {prose(reason)}."
        if analyst.problem or analyst.dropped:
            yield ""
    if cost := cost_of(report.spending):
        yield f"Cost: {prose(cost)}."
        yield ""
    yield f"Analysed at {stamp(report.analysed_at)}, written at {stamp(report.written_at)}."
