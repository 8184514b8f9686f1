"""What destinations are given: the report, where it came from, and where all of it can be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from triage.alert import Alert
from triage.evidence.item import EvidenceItem
from triage.report.document import Report
from triage.report.link import is_link
from triage.repository_name import is_repository

#: what GitHub takes for a commit and a pull request: labels are anyone's
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_NUMBER = re.compile(r"[1-9]\d{0,9}")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an incident comes from, by its alert's labels; what does not look right is left out."""

    repository: str | None = None
    branch: str = ""
    default_branch: str = ""
    commit: str | None = None
    pull_request: int | None = None
    #: P0 to P2, where code computed one
    urgency: str = ""

    @property
    def is_default_branch(self) -> bool:
        """Whether it happened on the branch that everybody builds on."""
        return bool(self.branch) and self.branch == (self.default_branch or "main")


def origin_of(alert: Alert, default_branch: str = "main") -> Origin:
    """The origin that the alert's labels name."""
    labels = alert.labels
    number = _matched(_NUMBER, labels, "pull_request")
    repository = labels.get("repository", "")
    return Origin(
        repository=repository if is_repository(repository) else None,
        branch=labels.get("branch", ""),
        default_branch=labels.get("default_branch", "") or default_branch,
        commit=_matched(_COMMIT, labels, "commit"),
        pull_request=int(number) if number else None,
        urgency=labels.get("urgency", "").upper(),
    )


@dataclass(frozen=True, slots=True)
class Handle:
    """A team's names at the destinations; empty where it has none."""

    #: a user group's id, such as S0123ABCD
    slack: str = ""
    #: such as example/security, without the @
    github: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A report on its way to a destination."""

    report: Report
    origin: Origin = field(default_factory=Origin)
    team: Handle = field(default_factory=Handle)
    #: the report's page, where triage is reachable for people
    url: str | None = None
    #: what the report's citations name, for a destination that shows their surroundings
    evidence: tuple[EvidenceItem, ...] = ()

    @property
    def incident_id(self) -> str:
        """The incident that it tells of."""
        return self.report.incident_id

    @property
    def link(self) -> str | None:
        """The address, as long as it is one that can't end the markup around it."""
        return self.url if self.url and is_link(self.url) else None


def _matched(form: re.Pattern[str], labels: Mapping[str, str], name: str) -> str | None:
    value = labels.get(name, "")
    return value if form.fullmatch(value) else None
