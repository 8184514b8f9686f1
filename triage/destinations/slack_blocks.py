"""A report as a Slack message: Block Kit for people, and a line of text for notifications.

Slack's limits: 50 blocks a message, 3,000 characters a section's text, 150 a header's, 2,000 a field's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from triage.alert import AlertStatus
from triage.analysts.analysis import Remedy
from triage.clock import stamp
from triage.destinations.message import Message
from triage.destinations.slack_text import code, cut, plain
from triage.report.document import Report

MOST_BLOCKS = 50
MOST_TEXT = 3_000
_MOST_HEADER = 150
_MOST_FIELD = 2_000
_MOST_FALLBACK = 600
_MOST_TITLE = 400
_MOST_EXPLANATION = 1_200
_MOST_COMMAND = 400

Block = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """What is posted: ``text`` is what notifications and screen readers get."""

    text: str
    blocks: Sequence[Block]


def to_slack(message: Message) -> SlackMessage:
    """The whole message."""
    report = message.report
    blocks: list[Block] = [_header(report), _fields(report)]
    if report.sentence:
        blocks.append(_section(plain(report.sentence, MOST_TEXT)))
    if report.drift and report.drift.response:
        blocks.append(_section(plain(report.drift.response, MOST_TEXT)))
    blocks += [_section(_likely(report)), *_first_step(report), *_people(message), _foot(message)]
    return SlackMessage(_fallback(report), blocks[:MOST_BLOCKS])


def _header(report: Report) -> Block:
    text = {"type": "plain_text", "text": plain(_title(report), _MOST_HEADER), "emoji": False}
    return {"type": "header", "text": text}


def _title(report: Report) -> str:
    about = report.subject or report.model
    state = "Firing" if report.status is AlertStatus.FIRING else "Resolved"
    return f"{state}: {report.alertname}" + (f" on {about}" if about else "")


def _fields(report: Report) -> Block:
    told = {"Status": _status(report), "Started": stamp(report.started_at)}
    if report.severity:
        told["Severity"] = report.severity
    if report.resolved_at:
        told["Resolved"] = stamp(report.resolved_at)
    if report.relapses:
        told["Flapping"] = f"came back {report.relapses} times"
    fields = [_mrkdwn(f"*{name}*\n{plain(value, _MOST_FIELD - 40)}") for name, value in told.items()]
    return {"type": "section", "fields": fields}


def _status(report: Report) -> str:
    firing = sum(alert.status is AlertStatus.FIRING for alert in report.alerts)
    if report.status is AlertStatus.FIRING:
        return f"firing ({firing} of {len(report.alerts)} alerts)"
    return f"resolved ({len(report.alerts)} alerts)"


def _likely(report: Report) -> str:
    if not report.causes:
        return "*No cause could be shown by the evidence.* The report says what was looked for and ruled out."
    cause = report.causes[0]
    more = f"\n_{len(report.causes) - 1} more in the report_" if len(report.causes) > 1 else ""
    return (
        f"*Most likely ({cause.confidence:.0%}):* {plain(cause.title, _MOST_TITLE)}\n"
        f"{plain(cause.explanation, _MOST_EXPLANATION)}{more}"
    )


def _first_step(report: Report) -> Iterable[Block]:
    step = _step(report)
    if step is None:
        return
    command = f"\n{code(step.command, _MOST_COMMAND)}" if step.command else ""
    yield _section(f"*First (for a person to review):* {plain(step.text, _MOST_TITLE)}{command}")


def _step(report: Report) -> Remedy | None:
    """What the report says to do first."""
    steps = report.next_steps or (report.causes[0].remediation if report.causes else ())
    return next(iter(steps), None)


def _people(message: Message) -> Iterable[Block]:
    """The team that is asked to look, as long as there is something to look at."""
    if message.team.slack and message.report.status is AlertStatus.FIRING:
        # checked by the settings to be a user group's id; the only mention that we make
        yield _section(f"<!subteam^{message.team.slack}> please look.")


def _foot(message: Message) -> Block:
    incident = plain(message.incident_id, _MOST_FIELD)
    link = f"<{message.link}|Report, with all evidence> · " if message.link else ""
    return {"type": "context", "elements": [_mrkdwn(f"{link}incident {incident}")]}


def _fallback(report: Report) -> str:
    likely = f": {report.causes[0].title}" if report.causes else ""
    return plain(_title(report) + likely, _MOST_FALLBACK)


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(cut(text, MOST_TEXT))}


def _mrkdwn(text: str) -> Mapping[str, Any]:
    # verbatim: Slack makes no links and mentions of names that only look like some
    return {"type": "mrkdwn", "text": text, "verbatim": True}
