"""Which destinations a report goes to: a table of routes, read from the top, as a pure function.

The table in ``ROUTES`` is the default; ``TRIAGE_ROUTING_FILE`` names a YAML file with another, and with what
the teams are called at Slack and GitHub.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from homeostat.config import Document, load
from homeostat.matching import matching
from triage.destinations.message import Handle, Message, Origin
from triage.report.document import Report, ReportKind


class Place(StrEnum):
    """The destinations by name."""

    FILE = "file"
    SLACK = "slack"
    #: on the pull request, or else on the commit
    GITHUB_COMMENT = "github-comment"
    GITHUB_ISSUE = "github-issue"


class Branches(StrEnum):
    """On which branches something happened."""

    ANY = "any"
    DEFAULT = "default"
    OTHER = "other"


class Route(Document):
    """Reports that match all of it go to ``to``; an empty list matches everything."""

    kinds: tuple[ReportKind, ...] = ()
    severities: tuple[str, ...] = ()
    urgencies: tuple[Literal["P0", "P1", "P2"], ...] = ()
    branches: Branches = Branches.ANY
    to: tuple[Literal[Place.SLACK, Place.GITHUB_COMMENT, Place.GITHUB_ISSUE], ...]

    def matches(self, report: Report, origin: Origin) -> bool:
        """Whether this route is the report's."""
        on_default = origin.is_default_branch
        return (
            (not self.kinds or report.kind in self.kinds)
            and (not self.severities or report.severity in self.severities)
            and (not self.urgencies or _urgency(report, origin) in self.urgencies)
            and (self.branches is Branches.ANY or on_default is (self.branches is Branches.DEFAULT))
        )


def _urgency(report: Report, origin: Origin) -> str:
    """What was computed from the statistics counts; a label is some sender's word."""
    return report.drift.urgency.value if report.drift else origin.urgency


#: the first that matches counts; files are written of every report
ROUTES: tuple[Route, ...] = (
    Route(
        kinds=(ReportKind.PIPELINE,),
        branches=Branches.DEFAULT,
        to=(Place.SLACK, Place.GITHUB_COMMENT, Place.GITHUB_ISSUE),
    ),
    Route(kinds=(ReportKind.PIPELINE,), to=(Place.SLACK, Place.GITHUB_COMMENT)),
    # the retraining of a P0 is started by code; people are told of it where they work
    Route(kinds=(ReportKind.DRIFT,), urgencies=("P0", "P1"), to=(Place.SLACK, Place.GITHUB_ISSUE)),
    Route(kinds=(ReportKind.DRIFT,), urgencies=("P2",), to=(Place.SLACK,)),
    # nothing that is both significant and large: kept for who looks, and nobody is called
    Route(kinds=(ReportKind.DRIFT,), severities=("none",), to=()),
    Route(kinds=(ReportKind.DRIFT, ReportKind.DIGEST), to=(Place.SLACK,)),
    Route(severities=("critical",), to=(Place.SLACK, Place.GITHUB_ISSUE)),
    Route(severities=("warning",), to=(Place.SLACK,)),
)


class Team(Document):
    """What one team is called, so that its members are told."""

    slack: Annotated[str, matching("(S[A-Z0-9]{6,})?", "a user group's id, such as S0123ABCD")] = ""
    github: Annotated[
        str, matching("([A-Za-z0-9-]+(/[A-Za-z0-9._-]+)?)?", "a team as ORG/TEAM or a user, without the @")
    ] = ""


class Routing(Document):
    """The file: routes and teams."""

    routes: tuple[Route, ...] = ROUTES
    #: by the name that reports use for who is asked to look
    teams: Mapping[str, Team] = Field(default_factory=dict[str, Team])

    def handle(self, team: str) -> Handle:
        """What the team is called at the destinations."""
        found = self.teams.get(team, Team())
        return Handle(found.slack, found.github)


def load_routing(path: Path | None) -> Routing:
    """The table in the file, or the default without one.

    Raises:
        ConfigError: with a sentence for every mistake in the file.
    """
    return load(path, Routing) if path else Routing()


def places(report: Report, origin: Origin, routes: Sequence[Route] = ROUTES) -> tuple[Place, ...]:
    """Where the report goes, each place once; always to a file."""
    route = next((route for route in routes if route.matches(report, origin)), None)
    return (Place.FILE, *dict.fromkeys(route.to)) if route else (Place.FILE,)


def reachable(wanted: Iterable[Place], message: Message, repository: str | None) -> tuple[Place, ...]:
    """The places that this message has: a comment needs a commit or pull request of our repository.

    A label names the repository and anybody may have written it, so GitHub is told of ours alone.
    """
    origin = message.origin
    is_ours = repository is not None and origin.repository == repository
    has_thread = is_ours and (origin.pull_request or origin.commit)
    return tuple(place for place in wanted if place is not Place.GITHUB_COMMENT or has_thread)
