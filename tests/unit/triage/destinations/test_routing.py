"""Which report goes where, as a table; and how the file that changes it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeostat.errors import ConfigError
from tests.unit.triage.destinations.conftest import a_message, a_report
from triage.alert import Alert, AlertStatus
from triage.clock import utc_now
from triage.destinations.message import Origin, origin_of
from triage.destinations.routing import ROUTES, Place, load_routing, places, reachable
from triage.report.document import ReportKind

MAIN = Origin(branch="main", commit="c" * 40)
OTHER = Origin(branch="feature", pull_request=7)
FILE, SLACK, COMMENT, ISSUE = Place.FILE, Place.SLACK, Place.GITHUB_COMMENT, Place.GITHUB_ISSUE


@pytest.mark.parametrize(
    ("kind", "severity", "origin", "where"),
    [
        (ReportKind.PIPELINE, "warning", MAIN, (FILE, SLACK, COMMENT, ISSUE)),
        (ReportKind.PIPELINE, "critical", OTHER, (FILE, SLACK, COMMENT)),
        (ReportKind.DRIFT, "critical", Origin(urgency="P0"), (FILE, SLACK, ISSUE)),
        (ReportKind.DRIFT, "warning", Origin(urgency="P1"), (FILE, SLACK, ISSUE)),
        (ReportKind.DRIFT, "warning", Origin(urgency="P2"), (FILE, SLACK)),
        (ReportKind.DIGEST, "critical", Origin(), (FILE, SLACK)),
        (ReportKind.ALERT, "critical", Origin(), (FILE, SLACK, ISSUE)),
        (ReportKind.ALERT, "warning", Origin(), (FILE, SLACK)),
        (ReportKind.ALERT, "info", Origin(), (FILE,)),
    ],
)
def test_the_default_routes(
    kind: ReportKind, severity: str, origin: Origin, where: tuple[Place, ...]
) -> None:
    assert places(a_report(kind=kind, severity=severity), origin, ROUTES) == where


def an_alert(**labels: str) -> Alert:
    return Alert("f", AlertStatus.FIRING, utc_now(), None, labels, {})


def test_the_origin_is_read_from_labels() -> None:
    origin = origin_of(
        an_alert(repository="o/r", branch="trunk", default_branch="trunk", commit="a" * 40, pull_request="12")
    )
    assert (origin.repository, origin.commit, origin.pull_request) == ("o/r", "a" * 40, 12)
    assert origin.is_default_branch


@pytest.mark.parametrize(
    "labels",
    [
        {"repository": "o/r/../../x", "commit": "HEAD"},
        {"repository": "o", "commit": "abc;rm", "pull_request": "1/../2"},
        {"pull_request": "0"},
        {"pull_request": "-1", "commit": ""},
    ],
)
def test_labels_that_are_no_names_name_nothing(labels: dict[str, str]) -> None:
    origin = origin_of(an_alert(**labels))
    assert (origin.repository, origin.commit, origin.pull_request) == (None, None, None)


@pytest.mark.parametrize(
    ("origin", "repository", "there"),
    [
        (Origin(repository="o/r", commit="c" * 40), "o/r", True),
        (Origin(repository="o/r", pull_request=3), "o/r", True),
        (Origin(repository="evil/r", commit="c" * 40), "o/r", False),
        (Origin(repository="o/r"), "o/r", False),
        (Origin(commit="c" * 40), None, False),
    ],
)
def test_a_comment_is_written_only_where_ours_can_be(origin: Origin, repository: str, there: bool) -> None:
    found = reachable((FILE, COMMENT), a_message(origin=origin), repository)
    assert (COMMENT in found) is there


def test_a_file_changes_routes_and_names_teams(tmp_path: Path) -> None:
    file = tmp_path / "routing.yaml"
    file.write_text(
        "routes:\n  - {severities: [critical], to: [github-issue]}\n"
        "teams:\n  security: {slack: S0123ABCD, github: example/security}\n"
    )
    routing = load_routing(file)
    assert places(a_report(severity="critical"), Origin(), routing.routes) == (FILE, ISSUE)
    assert places(a_report(severity="warning"), Origin(), routing.routes) == (FILE,)
    assert routing.handle("security").github == "example/security"
    assert routing.handle("nobody").slack == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("teams:\n  ml: {slack: '@ml'}\n", "a user group's id, such as S0123ABCD"),
        ("teams:\n  ml: {github: '@example/ml'}\n", "a team as ORG/TEAM"),
        ("routes:\n  - {to: [pager]}\n", "routes"),
        ("routes:\n  - {urgencies: [P9], to: [slack]}\n", "urgencies"),
    ],
)
def test_a_mistake_in_the_file_is_a_sentence(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "routing.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=told):
        load_routing(file)
