"""The outbox at a terminal, and settings that name a destination badly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from homeostat.errors import ConfigError, HomeostatError
from tests.unit.triage.conftest import Running, wait_until
from tests.unit.triage.slack_server import CHANNEL, TOKEN, SlackServer
from tests.unit.triage.story import Story
from triage.bootstrap import build
from triage.cli import app
from triage.destinations.inspection import listed
from triage.settings import Settings

RUNNER = CliRunner()


@pytest.fixture
def with_slack(settings: Settings, slack: SlackServer, tmp_path: Path) -> dict[str, object]:
    token = tmp_path / "slack-token"
    token.write_text(TOKEN)
    return {"slack_channel": CHANNEL, "slack_token_file": token, "slack_url": slack.api}


def command(*arguments: str) -> str:
    """What it prints: in a process of its own, since the runner's output would also catch triage's log."""
    called = [sys.executable, "-m", "homeostat", "triage", *arguments]
    environment = {**os.environ, "COLUMNS": "300"}
    done = subprocess.run(called, env=environment, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def outbox() -> Mapping[str, Mapping[str, Any]]:
    return {one["destination"]: one for one in listed()}


def test_a_dead_letter_is_listed_with_its_reason_and_sent_after_all(
    serve: Callable[..., Running],
    settings: Settings,
    slack: SlackServer,
    with_slack: dict[str, object],
    story: Story,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRIAGE_DATABASE_URL", settings.database_url)
    slack.application.tokens.clear()
    running = serve(**with_slack)
    running.post(story.payload())
    running.settled()
    assert (outbox()["slack"]["state"], outbox()["file"]["state"]) == ("dead", "sent")
    assert "it was revoked" in command("outbox")
    assert json.loads(command("outbox", "--json")) == listed()
    slack.application.tokens = {TOKEN}
    assert command("resend", str(outbox()["slack"]["id"])).strip().endswith("to slack is pending")
    wait_until(lambda: outbox()["slack"]["state"] == "sent")
    assert len(slack.messages) == 1
    # counted right after its commit
    sent = 'homeostat_triage_deliveries_total{destination="slack",outcome="sent"} 1.0'
    wait_until(lambda: sent in running.client.get("/metrics").text)
    metrics = running.client.get("/metrics").text
    assert 'homeostat_triage_deliveries_total{destination="slack",outcome="unauthorised"} 1.0' in metrics
    assert 'homeostat_triage_destination_breaker{destination="slack",state="closed"} 1.0' in metrics
    assert 'homeostat_triage_deliveries_pending{destination="slack"} 0.0' in metrics


def test_an_unknown_delivery_is_a_sentence(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_DATABASE_URL", settings.database_url)
    failed = RUNNER.invoke(app, ["resend", "77"])
    assert isinstance(failed.exception, HomeostatError)
    assert "there is no delivery 77" in str(failed.exception)


def changed(settings: Settings, **changes: object) -> Settings:
    return Settings.model_validate({**settings.model_dump(exclude_unset=True), **changes})


def test_a_channel_without_a_token_is_refused(settings: Settings) -> None:
    with pytest.raises(ValidationError, match="TRIAGE_SLACK_TOKEN_FILE must name a token's file"):
        changed(settings, slack_channel=CHANNEL)


def test_a_channels_name_is_no_id(settings: Settings) -> None:
    with pytest.raises(ValidationError, match="a channel's id such as"):
        changed(settings, slack_channel="#alerts")


@pytest.mark.parametrize("content", [None, "", "two words"])
def test_a_token_that_is_none_stops_the_start_with_a_sentence(
    settings: Settings, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "github-token"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigError, match="TRIAGE_GITHUB_TOKEN_FILE"):
        build(changed(settings, github_repository="example/homeostat", github_token_file=file))


def test_blank_settings_are_off(settings: Settings) -> None:
    blank = changed(settings, slack_channel="", github_repository="", public_url="", routing_file="")
    assert (blank.slack_channel, blank.github_repository, blank.public_url) == (None, None, None)
