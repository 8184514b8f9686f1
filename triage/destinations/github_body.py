"""A report as GitHub shows it: a hidden marker, who is asked to look, and the whole report below.

GitHub's limits: 65,536 characters a body, 256 a title.
"""

from __future__ import annotations

import re

from homeostat.redaction import redact
from triage.alert import AlertStatus
from triage.destinations.github_text import cut, neutral, neutral_line
from triage.destinations.message import Message
from triage.report.markdown import to_markdown

MOST_BODY = 65_536
MOST_TITLE = 256

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._]+")


def marker(incident_id: str) -> str:
    """What our posts begin with; nobody sees it.

    >>> marker("20260102-030405-1f2e3d4c")
    '<!-- homeostat incident 20260102-030405-1f2e3d4c -->'
    """
    return f"<!-- homeostat incident {_NOT_PLAIN.sub('-', incident_id)} -->"


def is_marked(body: str | None, incident_id: str) -> bool:
    """Whether a post is ours about this incident; one that quotes ours is not."""
    return (body or "").startswith(marker(incident_id))


def body_of(message: Message) -> str:
    """The text of a comment or an issue."""
    # the plot is a file beside the report, which GitHub can't see
    report = neutral(redact(to_markdown(message.report, None)))
    head = [marker(message.incident_id)]
    if message.team.github:
        # checked by the settings to be a team's name; the only mention that we make
        head += [f"@{message.team.github} is asked to look.", ""]
    foot = f"\n[The report, with all evidence]({message.link})" if message.link else ""
    room = MOST_BODY - sum(len(line) + 1 for line in head) - len(foot) - 1
    ending = "\n*GitHub takes no more; the rest was cut off.*"
    return "\n".join([*head, cut(report, room, ending) + foot])


def title_of(message: Message) -> str:
    """An issue's title."""
    report = message.report
    about = report.subject or report.model
    state = "Resolved: " if report.status is AlertStatus.RESOLVED else ""
    said = redact(f"{state}{report.alertname}" + (f" on {about}" if about else ""))
    title = neutral_line(said)
    return title if len(title) <= MOST_TITLE else title[: MOST_TITLE - 1] + "…"
