"""Looking for a post of ours: how far back, by whose clock, and whose posts count."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.triage.destinations.conftest import INCIDENT, a_message, resolved
from tests.unit.triage.destinations.github_posts import COMMIT, GitHubPosts
from tests.unit.triage.faulty_http import Fault
from tests.unit.triage.slack_server import SlackServer
from triage.destinations.destination import DeliveryFailed, Doubt, Outcome
from triage.destinations.github import GitHubComments, GitHubIssues
from triage.destinations.github_body import marker
from triage.destinations.message import Origin
from triage.destinations.slack import EVENT_TYPE, SlackDestination

AGO = Doubt(timedelta(minutes=5))
NOON = 1_767_355_200.0
NOON_DATE = "Fri, 02 Jan 2026 12:00:00 GMT"


def test_slacks_marker_in_somebody_elses_message_counts_for_nothing(
    slack: SlackServer, to_slack: SlackDestination
) -> None:
    forged = {"event_type": EVENT_TYPE, "event_payload": {"incident_id": INCIDENT}}
    slack.application.other("mine", metadata=forged, bot_id="B0OTHER")
    assert to_slack.deliver(a_message(), None, AGO).outcome is Outcome.SENT


def test_slacks_channel_is_read_page_by_page_until_the_post_is_found(
    slack: SlackServer, to_slack: SlackDestination
) -> None:
    slack.application.page = 10
    to_slack.deliver(a_message(), None, None)
    for number in range(35):
        slack.application.other(f"chat {number}")
    assert to_slack.deliver(a_message(), None, AGO).outcome is Outcome.ADOPTED
    assert slack.count("conversations.history") == 4


def test_slacks_channel_is_not_read_further_back_than_the_doubt_by_slacks_own_clock(
    slack: SlackServer, to_slack: SlackDestination
) -> None:
    slack.application.page = 10
    slack.date = NOON_DATE
    for days in (4, 3, 0):
        slack.application.now = NOON - 86_400 * days
        for number in range(10):
            slack.application.other(f"chat {number}")
    assert to_slack.deliver(a_message(), None, AGO).outcome is Outcome.SENT
    assert slack.count("conversations.history") == 2


def test_a_channel_too_busy_to_be_read_is_left_for_a_person(
    slack: SlackServer, to_slack: SlackDestination
) -> None:
    slack.application.page = 1
    for number in range(40):
        slack.application.other(f"chat {number}")
    with pytest.raises(DeliveryFailed, match="don't tell whether it was posted") as failed:
        to_slack.deliver(a_message(), None, AGO)
    assert failed.value.outcome is Outcome.UNDECIDED
    assert not slack.application.marked(INCIDENT)


def test_githubs_marker_in_somebody_elses_comment_counts_for_nothing(
    github: GitHubPosts, comments: GitHubComments
) -> None:
    github.application.by("mallory", f"{marker(INCIDENT)}\nfake", f"commits/{COMMIT}")
    assert comments.deliver(a_message(), None, AGO).outcome is Outcome.SENT


def test_a_workflows_token_takes_only_a_bots_comment_for_its_own(
    github: GitHubPosts, comments: GitHubComments
) -> None:
    github.application.is_app = True
    github.application.by("mallory", f"{marker(INCIDENT)}\nfake", f"commits/{COMMIT}")
    assert comments.deliver(a_message(), None, AGO).outcome is Outcome.SENT
    assert comments.deliver(a_message(), None, AGO).outcome is Outcome.ADOPTED
    assert len(github.application.comments) == 2


def test_comments_on_a_long_pull_request_are_read_to_the_end(
    github: GitHubPosts, comments: GitHubComments
) -> None:
    message = a_message(origin=Origin(repository="example/homeostat", branch="x", pull_request=7))
    for number in range(120):
        github.application.by("somebody", f"comment {number}")
    first = comments.deliver(message, None, None)
    assert first.external_id.startswith("repos/example/homeostat/issues/comments/")
    assert comments.deliver(message, None, AGO).external_id == first.external_id


def test_an_issue_is_labelled_closed_with_its_incident_and_open_again_when_it_comes_back(
    github: GitHubPosts, issues: GitHubIssues
) -> None:
    (receipt,) = [issues.deliver(a_message(), None, None)]
    (issue,) = github.application.issues
    assert (issue["state"], issue["labels"]) == ("open", ["homeostat"])
    issues.deliver(a_message(resolved()), receipt.external_id, None)
    assert (issue["state"], issue["title"].startswith("Resolved: ")) == ("closed", True)
    again = a_message().report.model_copy(update={"relapses": 1})
    issues.deliver(a_message(again), receipt.external_id, None)
    assert issue["state"] == "open"


def test_an_issue_that_a_person_closed_stays_closed(github: GitHubPosts, issues: GitHubIssues) -> None:
    receipt = issues.deliver(a_message(), None, None)
    (issue,) = github.application.issues
    issue["state"] = "closed"
    issues.deliver(a_message(), receipt.external_id, None)
    assert issue["state"] == "closed"


def test_an_incident_that_is_over_before_it_is_told_is_a_closed_issue(
    github: GitHubPosts, issues: GitHubIssues
) -> None:
    issues.deliver(a_message(resolved()), None, None)
    assert [issue["state"] for issue in github.application.issues] == ["closed"]


@pytest.mark.parametrize("status", [429, 500, 401])
def test_an_issue_that_could_not_be_closed_is_told_with_the_failure(
    github: GitHubPosts, issues: GitHubIssues, status: int
) -> None:
    github.fails(Fault("PATCH", status=status, headers={"retry-after": "1"}))
    with pytest.raises(DeliveryFailed) as failed:
        issues.deliver(a_message(resolved()), None, None)
    assert failed.value.posted == "repos/example/homeostat/issues/1"


def test_a_post_that_the_token_may_not_see_is_not_taken_for_deleted(
    github: GitHubPosts, issues: GitHubIssues
) -> None:
    receipt = issues.deliver(a_message(), None, None)
    github.application.is_hidden = True
    with pytest.raises(DeliveryFailed, match="does not show example/homeostat") as failed:
        issues.deliver(a_message(), receipt.external_id, None)
    assert failed.value.outcome is Outcome.UNAUTHORISED
