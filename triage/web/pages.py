"""The pages around the report: the list, the wait for a report, and what could not be shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from triage.incident import Incident
from triage.report.feedback import GivenFeedback
from triage.report.html import render_html
from triage.report.spans import lasted
from triage.store.browsing import PAGE, Listed, Row, Shown, Wanted

_SEVERITIES = frozenset({"critical", "warning"})
_MOST_CAUSE_CHARACTERS = 300

_PROBLEMS: Mapping[int, tuple[str, str]] = {
    403: ("That is not allowed", "Open the incident here and use the buttons on its page."),
    404: ("There is nothing here", "It may have been forgotten, or the address is not complete."),
    503: (
        "Triage can't answer now",
        "Nothing is lost: alerts are kept by their senders. Try again in a minute.",
    ),
}
_OTHER = ("That did not work", "Go back and try again.")


def list_page(listed: Listed, wanted: Wanted, judged: Mapping[str, GivenFeedback], now: datetime) -> str:
    """One page of the list of incidents."""
    pages = max(1, -(-listed.total // PAGE))
    return render_html(
        "list.html",
        forms="'self'",
        listed=listed,
        wanted=wanted,
        choices=[one.value for one in Shown],
        rows=[_row(row, judged, now) for row in listed.rows],
        pages=pages,
        before=_address(wanted, wanted.page - 1) if wanted.page > 1 else "",
        after=_address(wanted, wanted.page + 1) if wanted.page < pages else "",
    )


def waiting_page(incident: Incident, digest: str | None) -> str:
    """What stands where a report will be; ``digest`` lists the incident instead."""
    return render_html(
        "waiting.html",
        alertname=incident.primary.name,
        subject=incident.primary.subject,
        status=incident.status.value,
        started_at=incident.started_at,
        digest=digest or "",
    )


def problem_page(status: int, sentence: str) -> str:
    """Why there is no page, and what to do."""
    title, advice = _PROBLEMS.get(status, _OTHER)
    return render_html("problem.html", title=title, sentence=sentence, advice=advice)


def _row(row: Row, judged: Mapping[str, GivenFeedback], now: datetime) -> Mapping[str, Any]:
    incident = row.incident
    alert = incident.primary
    severity = alert.labels.get("severity", "")
    verdict = judged.get(incident.id)
    return {
        "id": incident.id,
        "status": incident.status.value,
        "severity": severity,
        "severity_class": severity if severity in _SEVERITIES else "",
        "relapses": incident.relapses,
        "alertname": alert.name,
        "subject": alert.subject,
        "cause": _cause(row),
        "started_at": incident.started_at,
        "age": lasted(incident.started_at, now),
        "span": _span(incident),
        "alerts": len(incident.current),
        "verdict": verdict.verdict.value if verdict else "",
    }


def _cause(row: Row) -> str:
    if row.cause:
        sure = f" ({row.confidence:.0%})" if row.confidence is not None else ""
        return f"{row.cause[:_MOST_CAUSE_CHARACTERS]}{sure}"
    if not row.has_report:
        return "no report yet"
    return "no cause was shown" if row.cause is not None else "see its report"


def _span(incident: Incident) -> str:
    if incident.resolved_at is None:
        return "fires still" if incident.status.value == Shown.FIRING else "resolved"
    return f"lasted {lasted(incident.started_at, incident.resolved_at)}"


def _address(wanted: Wanted, page: int) -> str:
    asked = {"q": wanted.text, "status": wanted.shown.value, "page": str(page)}
    return "/?" + urlencode({name: value for name, value in asked.items() if value})
