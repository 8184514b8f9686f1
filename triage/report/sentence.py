"""What happened, in one sentence: computed from the alert, the onset, the causes and the present state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from triage.alert import AlertStatus
from triage.clock import stamp
from triage.report.document import Report, ReportKind
from triage.report.spans import lasted

_MOST_TITLE_CHARACTERS = 240
#: an onset that lies further back tells nothing of how quick the alert was
_RECENT = timedelta(hours=6)


def sentence_of(report: Report, labels: Mapping[str, str]) -> str:
    """The sentence on the report; ``labels`` are its primary alert's."""
    fact = {
        ReportKind.ALERT: _alert,
        ReportKind.PIPELINE: _pipeline,
        ReportKind.DRIFT: _drift,
        ReportKind.DIGEST: _digest,
    }[report.kind](report, labels)
    return f"{fact}{_relapses(report)}; {_cause(report)}."


def _alert(report: Report, _labels: Mapping[str, str]) -> str:
    about = f" on {_subject(report)}" if _subject(report) else ""
    return f"{report.alertname} {_spell(report, about)}{_after_onset(report)}"


def _spell(report: Report, about: str) -> str:
    since = stamp(report.started_at)
    if report.status is AlertStatus.FIRING:
        return f"has been firing{about} since {since}"
    if report.resolved_at is None:
        return f"fired{about} from {since} and is resolved"
    return f"fired{about} for {lasted(report.started_at, report.resolved_at)} from {since}"


def _after_onset(report: Report) -> str:
    onset = report.onset
    if onset is None or not timedelta() < report.started_at - onset < _RECENT:
        return ""
    return f", {lasted(onset, report.started_at)} after the metrics changed"


def _pipeline(report: Report, labels: Mapping[str, str]) -> str:
    parts = [f"Workflow {labels.get('workflow', '')}".rstrip() if labels.get("workflow") else "A workflow"]
    if repository := labels.get("repository"):
        parts.append(f"of {repository}")
    parts.append(f"failed at {stamp(report.started_at)}")
    if branch := labels.get("branch"):
        parts.append(f"on {branch}")
    if commit := labels.get("commit"):
        parts.append(f"at commit {commit[:12]}")
    if pull_request := labels.get("pull_request"):
        parts.append(f"(pull request {pull_request})")
    if report.status is AlertStatus.RESOLVED:
        parts.append("and passed since")
    return " ".join(parts)


def _drift(report: Report, labels: Mapping[str, str]) -> str:
    version = f" (version {labels['version']})" if labels.get("version") else ""
    verb = "drifts" if report.status is AlertStatus.FIRING else "drifted"
    return (
        f"{_subject(report) or 'A model'}{version} {verb} from its baseline since {stamp(report.started_at)}"
    )


def _digest(report: Report, _labels: Mapping[str, str]) -> str:
    summary = next((alert.summary for alert in report.alerts if alert.summary), "")
    said = f": {summary.rstrip('.')}" if summary else ""
    return f"More alerts came at {stamp(report.started_at)} than could be looked at one by one{said}"


def _relapses(report: Report) -> str:
    if not report.relapses:
        return ""
    return ", came back once" if report.relapses == 1 else f", came back {report.relapses} times"


def _cause(report: Report) -> str:
    if report.causes:
        first = report.causes[0]
        title = first.title.rstrip(".")[:_MOST_TITLE_CHARACTERS]
        return f"most likely: {title} ({first.confidence:.0%})"
    if report.kind is ReportKind.DIGEST:
        return "they are listed below"
    return "the evidence shows no cause"


def _subject(report: Report) -> str:
    return report.subject or report.model
