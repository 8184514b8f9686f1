"""``python -m triage`` killed between a destination's 200 and the commit of the post's id: no duplicate."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.unit.triage.conftest import FakePrometheus, wait_until
from tests.unit.triage.destinations.github_posts import COMMIT, REPOSITORY, GitHubPosts
from tests.unit.triage.destinations.github_posts import TOKEN as GITHUB_TOKEN
from tests.unit.triage.faulty_http import Fault, FaultyServer
from tests.unit.triage.slack_server import CHANNEL, SlackServer
from tests.unit.triage.slack_server import TOKEN as SLACK_TOKEN
from tests.unit.triage.story import payload
from tests.unit.triage.test_crash import Process

POSTS = {
    "slack": "chat.postMessage",
    "github-comment": "/comments",
    "github-issue": f"POST /repos/{REPOSITORY}/issues",
}


@dataclass
class World:
    process: Process
    slack: SlackServer
    github: GitHubPosts
    database: Path

    def server(self, name: str) -> FaultyServer:
        return self.slack if name == "slack" else self.github

    def posts(self, name: str) -> list[dict[str, Any]]:
        place = self.github.application
        return {"slack": self.slack.messages, "github-comment": place.comments, "github-issue": place.issues}[
            name
        ]

    def alert(self, **changes: Any) -> None:
        content = payload(datetime.now(UTC) - timedelta(seconds=30), "PipelineFailed", **changes)
        labels = {"repository": REPOSITORY, "branch": "main", "commit": COMMIT, "severity": "critical"}
        content["alerts"][0]["labels"] |= labels
        assert self.process.client.post("/webhooks/alertmanager", json=content).status_code == 202

    def destinations(self) -> dict[str, Any]:
        return self.process.client.get("/healthz").json()["destinations"]

    def all_sent(self) -> bool:
        told = self.destinations()
        return set(told) >= {"file", *POSTS} and all(
            one["pending"] == one["dead"] == 0 for one in told.values()
        )


@pytest.fixture
def world(
    tmp_path: Path, prometheus: FakePrometheus, slack: SlackServer, github: GitHubPosts
) -> Iterator[World]:
    process = Process(tmp_path, prometheus.url)
    (tmp_path / "slack-token").write_text(SLACK_TOKEN)
    (tmp_path / "github-token").write_text(GITHUB_TOKEN + "\n")
    process.environment |= {
        "TRIAGE_SLACK_CHANNEL": CHANNEL,
        "TRIAGE_SLACK_URL": slack.api,
        "TRIAGE_SLACK_TOKEN_FILE": str(tmp_path / "slack-token"),
        "TRIAGE_GITHUB_REPOSITORY": REPOSITORY,
        "TRIAGE_GITHUB_URL": github.url,
        "TRIAGE_GITHUB_TOKEN_FILE": str(tmp_path / "github-token"),
        "TRIAGE_PUBLIC_URL": "https://triage.example",
        "TRIAGE_DELIVERY_TIMEOUT_SECONDS": "60",
    }
    yield World(process, slack, github, tmp_path / "triage.db")
    process.kill()
    process.client.close()


@pytest.mark.parametrize("name", POSTS)
def test_a_kill_before_the_answer_arrives_leaves_one_post(world: World, name: str) -> None:
    fault = world.server(name).fails(Fault(POSTS[name], hold=threading.Event()))
    world.process.start()
    world.alert()
    assert fault.reached.wait(60)
    world.process.kill()
    assert len(world.posts(name)) == 1
    assert fault.hold is not None
    fault.hold.set()
    world.process.start()
    wait_until(world.all_sent, 60)
    assert len(world.posts(name)) == 1


def test_a_kill_between_the_answer_and_the_commit_of_its_id_leaves_one_post(world: World) -> None:
    fault = world.slack.fails(Fault(POSTS["slack"], hold=threading.Event()))
    world.process.start()
    world.alert()
    assert fault.reached.wait(60)
    wait_until(
        lambda: all(world.destinations()[name]["pending"] == 0 for name in ("file", "github-issue")), 60
    )
    # triage can't write until this transaction ends, and it never does before triage is dead
    blocker = sqlite3.connect(world.database, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    assert fault.hold is not None
    fault.hold.set()
    wait_until(fault.answered.is_set)
    world.process.kill()
    blocker.execute("ROLLBACK")
    blocker.close()
    world.process.start()
    wait_until(world.all_sent, 60)
    (message,) = world.slack.messages
    # adopted, and edited in place
    assert world.slack.application.updates[message["ts"]] == 1


def test_firing_then_resolved_is_one_post_everywhere_edited_in_place(world: World) -> None:
    world.process.start()
    world.alert()
    wait_until(world.all_sent, 60)
    world.alert(status="resolved", ends_at=datetime.now(UTC))
    wait_until(lambda: all("esolved" in str(world.posts(name)) for name in POSTS), 60)
    wait_until(world.all_sent, 60)
    assert [len(world.posts(name)) for name in POSTS] == [1, 1, 1]
    assert world.github.application.issues[0]["state"] == "closed"
