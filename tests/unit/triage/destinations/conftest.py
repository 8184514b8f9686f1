"""Reports to show, and real HTTP servers that play Slack and GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.triage.destinations.github_posts import COMMIT, REPOSITORY, GitHubPosts, github_posts
from tests.unit.triage.destinations.github_posts import TOKEN as GITHUB_TOKEN
from tests.unit.triage.slack_server import CHANNEL, SlackServer, slack_server
from tests.unit.triage.slack_server import TOKEN as SLACK_TOKEN
from triage.alert import AlertStatus
from triage.analysts.analysis import Cause, Citation, Remedy
from triage.destinations.github import GitHubComments, GitHubIssues, GitHubPlace
from triage.destinations.message import Handle, Message, Origin
from triage.destinations.slack import SlackDestination
from triage.destinations.token import GivenToken
from triage.report.document import AlertLine, Report, ReportKind

INCIDENT = "20260102-030405-1f2e3d4c"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def a_cause(**changes: Any) -> Cause:
    cause = Cause(
        kind="oom-killed",
        title="Container web of web-0 was OOMKilled: it used more than its memory limit of 64Mi",
        explanation="The kernel ended it three times.",
        confidence=0.9,
        remediation=(Remedy(text="Raise the limit", command="kubectl -n models set resources deploy/web"),),
        citations=(Citation(evidence="pods", line=3, quote="Reason: OOMKilled"),),
        found_by="deterministic",
    )
    return cause.model_copy(update=changes)


def a_report(**changes: Any) -> Report:
    report = Report(
        incident_id=INCIDENT,
        status=AlertStatus.FIRING,
        alertname="ContainerOomKilled",
        model="",
        subject="models/web-0",
        severity="critical",
        started_at=NOW,
        resolved_at=None,
        relapses=0,
        truncated=0,
        alerts=(
            AlertLine(
                name="ContainerOomKilled",
                model="",
                status=AlertStatus.FIRING,
                starts_at=NOW,
                ends_at=None,
                summary="it was killed",
            ),
        ),
        causes=(a_cause(),),
        ruled_out=(),
        hypotheses=(),
        not_seen=(),
        analysts=(),
        evidence=(),
        latency=(),
        onset=None,
        runbook="",
        episodes=("one",),
        analysed_at=NOW,
        written_at=NOW,
    )
    return report.model_copy(update=changes)


def resolved(**changes: Any) -> Report:
    return a_report(status=AlertStatus.RESOLVED, resolved_at=NOW, **changes)


def a_message(report: Report | None = None, **changes: Any) -> Message:
    given: dict[str, Any] = {
        "origin": Origin(repository=REPOSITORY, branch="main", commit=COMMIT),
        "team": Handle("S0PLATFORM", "example/platform"),
        "url": f"https://triage.example/incidents/{INCIDENT}",
        **changes,
    }
    return Message(report=report or a_report(kind=ReportKind.PIPELINE), **given)


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with slack_server() as server:
        yield server


@pytest.fixture
def github() -> Iterator[GitHubPosts]:
    with github_posts() as server:
        yield server


@pytest.fixture
def to_slack(slack: SlackServer) -> SlackDestination:
    return SlackDestination(GivenToken(SLACK_TOKEN), CHANNEL, slack.api, 1.0)


@pytest.fixture
def place(github: GitHubPosts) -> GitHubPlace:
    return GitHubPlace(GivenToken(GITHUB_TOKEN), REPOSITORY, github.url, 1.0)


@pytest.fixture
def comments(place: GitHubPlace) -> GitHubComments:
    return GitHubComments(place)


@pytest.fixture
def issues(place: GitHubPlace) -> GitHubIssues:
    return GitHubIssues(place)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "reports"
