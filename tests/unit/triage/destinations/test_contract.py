"""One contract over all destinations: shown once, edited afterwards, found again in doubt."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.unit.triage.destinations.conftest import INCIDENT, a_message, a_report, resolved
from tests.unit.triage.destinations.github_posts import REPOSITORY, GitHubPosts
from tests.unit.triage.faulty_http import Fault, FaultyServer
from tests.unit.triage.slack_server import SlackServer
from triage.destinations.at_once import publish_at_once
from triage.destinations.destination import DeliveryFailed, Destination, Doubt, Outcome
from triage.destinations.files import FileDestination
from triage.destinations.github import GitHubComments, GitHubIssues, GitHubPlace
from triage.destinations.slack import SlackDestination
from triage.destinations.token import GivenToken
from triage.report.document import ReportKind

PLACES = ("slack", "comments", "issues")


@dataclass
class Shown:
    """A destination, the server behind it, and what it shows."""

    destination: Destination
    server: FaultyServer
    #: part of the call that posts anew, and of the one that edits
    posts: str
    edits: str
    posted: Callable[[], list[dict[str, Any]]]
    text: str

    def texts(self) -> list[str]:
        return [str(post.get("blocks") or post.get("body")) for post in self.posted()]


@pytest.fixture(params=PLACES)
def shown(request: pytest.FixtureRequest, slack: SlackServer, github: GitHubPosts) -> Shown:
    if request.param == "slack":
        return Shown(
            request.getfixturevalue("to_slack"),
            slack,
            "chat.postMessage",
            "chat.update",
            lambda: slack.messages,
            "OOMKilled",
        )
    on = f"/commits/{'c' * 40}" if request.param == "comments" else ""
    place, posts = github.application, {"comments": "/comments", "issues": "/issues"}[request.param]
    return Shown(
        request.getfixturevalue(request.param),
        github,
        f"POST /repos/example/homeostat{on}{posts}",
        "PATCH",
        lambda: place.comments if request.param == "comments" else place.issues,
        "OOMKilled",
    )


def test_the_first_delivery_posts_and_the_next_edits(shown: Shown) -> None:
    first = shown.destination.deliver(a_message(), None, None)
    assert first.outcome is Outcome.SENT
    done = shown.destination.deliver(a_message(resolved(kind=ReportKind.PIPELINE)), first.external_id, None)
    assert (done.outcome, done.external_id) == (Outcome.EDITED, first.external_id)
    (text,) = shown.texts()
    assert "esolved" in text
    assert shown.text in text


@pytest.mark.parametrize("how", ["cut", "reset"])
def test_half_a_response_leaves_one_post_that_the_next_attempt_adopts(shown: Shown, how: str) -> None:
    shown.server.fails(Fault(shown.posts, cut=how == "cut", reset=how == "reset"))
    with pytest.raises(DeliveryFailed) as failed:
        shown.destination.deliver(a_message(), None, None)
    assert failed.value.outcome is Outcome.HALF_RESPONSE
    receipt = shown.destination.deliver(a_message(), None, Doubt(timedelta(seconds=1)))
    assert receipt.outcome is Outcome.ADOPTED
    assert len(shown.posted()) == 1


def test_in_doubt_and_without_a_former_post_it_is_posted(shown: Shown) -> None:
    receipt = shown.destination.deliver(a_message(), None, Doubt(timedelta(seconds=1)))
    assert receipt.outcome is Outcome.SENT
    assert len(shown.posted()) == 1


def test_another_incidents_post_is_not_taken_for_ours(shown: Shown) -> None:
    other = a_report(incident_id="20260102-030405-ffffffff", kind=ReportKind.PIPELINE)
    shown.destination.deliver(a_message(other), None, None)
    receipt = shown.destination.deliver(a_message(), None, Doubt(timedelta(seconds=1)))
    assert receipt.outcome is Outcome.SENT
    assert len(shown.posted()) == 2


def test_without_a_database_the_second_run_edits(shown: Shown) -> None:
    for report in (a_report(kind=ReportKind.PIPELINE), resolved(kind=ReportKind.PIPELINE)):
        done, failed = publish_at_once(a_message(report), [shown.destination])
        assert not failed
    assert done[shown.destination.name].outcome is Outcome.ADOPTED
    assert len(shown.posted()) == 1


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault("", status=500), Outcome.SERVER_ERROR),
        (Fault("", status=502, body=b"<html>bad gateway</html>"), Outcome.SERVER_ERROR),
        (Fault("", status=429, headers={"retry-after": "17"}), Outcome.RATE_LIMITED),
        (Fault("", status=401, body={"message": "Bad credentials"}), Outcome.UNAUTHORISED),
        (Fault("", status=400, body={"message": "no"}), Outcome.REFUSED),
        (Fault("", status=200, body=b'{"ok": tr'), Outcome.HALF_RESPONSE),
        (Fault("", status=201, body=b"[]"), Outcome.HALF_RESPONSE),
    ],
)
def test_failures_are_told_apart(shown: Shown, fault: Fault, outcome: Outcome) -> None:
    if shown.destination.name == "slack" and fault.status == 201:
        pytest.skip("Slack answers with 200 alone")
    shown.server.fails(Fault("", status=fault.status, headers=fault.headers, body=fault.body))
    with pytest.raises(DeliveryFailed) as failed:
        shown.destination.deliver(a_message(), None, None)
    assert failed.value.outcome is outcome
    assert not shown.posted()
    if outcome is Outcome.RATE_LIMITED:
        assert failed.value.wait == timedelta(seconds=17)


def nowhere() -> str:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize("kind", [SlackDestination, GitHubComments, GitHubIssues])
def test_nobody_there_is_no_connection(kind: type[Any]) -> None:
    token = GivenToken("some-token")
    given = (token, "C0TRIAGE01", nowhere(), 1.0) if kind is SlackDestination else None
    destination = kind(*given) if given else kind(GitHubPlace(token, REPOSITORY, nowhere(), 1.0))
    with pytest.raises(DeliveryFailed) as failed:
        destination.deliver(a_message(), None, None)
    assert failed.value.outcome is Outcome.CONNECTION


def test_an_answer_that_does_not_come_is_a_timeout_and_its_post_is_adopted(shown: Shown) -> None:
    fault = shown.server.fails(Fault(shown.posts, hold=threading.Event()))
    with pytest.raises(DeliveryFailed) as failed:
        shown.destination.deliver(a_message(), None, None)
    assert failed.value.outcome is Outcome.TIMEOUT
    fault.hold.set()
    assert shown.destination.deliver(a_message(), None, Doubt()).outcome is Outcome.ADOPTED
    assert len(shown.posted()) == 1


def test_a_post_that_somebody_deleted_is_gone(shown: Shown) -> None:
    receipt = shown.destination.deliver(a_message(), None, None)
    shown.posted().clear()
    with pytest.raises(DeliveryFailed) as failed:
        shown.destination.deliver(a_message(), receipt.external_id, None)
    assert failed.value.outcome is Outcome.GONE


def test_nothing_is_sent_again_by_the_library_itself(shown: Shown) -> None:
    shown.server.fails(Fault(shown.posts, reset=True, times=5))
    with pytest.raises(DeliveryFailed):
        shown.destination.deliver(a_message(), None, None)
    assert shown.server.count(shown.posts) == 1


def test_what_is_shown_and_nothing_else_makes_the_revision(shown: Shown) -> None:
    revision = shown.destination.revision
    assert revision(a_message()) == revision(a_message())
    assert revision(a_message()) != revision(a_message(resolved(kind=ReportKind.PIPELINE)))


def test_files_are_written_and_written_again(folder: Path) -> None:
    files = FileDestination(folder)
    first = files.deliver(a_message(), None, None)
    again = files.deliver(a_message(resolved()), first.external_id, None)
    assert (first.outcome, again.outcome) == (Outcome.SENT, Outcome.EDITED)
    assert "Resolved" in (folder / f"{INCIDENT}.md").read_text()
    assert (folder / f"{INCIDENT}.html").read_text().lstrip().lower().startswith("<!doctype html>")


def test_a_folder_that_is_none_is_told_with_its_reason(folder: Path) -> None:
    folder.write_text("a file")
    with pytest.raises(
        DeliveryFailed, match=r"reports can't be written: (File exists|Not a directory)"
    ) as failed:
        FileDestination(folder).deliver(a_message(), None, None)
    assert failed.value.outcome is Outcome.STORAGE
