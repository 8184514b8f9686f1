"""The outbox at a terminal, and settings that name a destination badly."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from homeostat.errors import ConfigError, HomeostatError
from tests.unit.triage.conftest import Running, wait_until
from tests.unit.triage.slack_server import CHANNEL, TOKEN, SlackServer
from tests.unit.triage.story import Story
from triage.bootstrap import build
from triage.cli import app
from triage.settings import Settings

RUNNER = CliRunner()


@pytest.fixture
def with_slack(settings: Settings, slack: SlackServer, tmp_path: Path) -> dict[str, object]:
    token = tmp_path / "slack-token"
    token.write_text(TOKEN)
    return {"slack_channel": CHANNEL, "slack_token_file": token, "slack_url": slack.api}


def outbox() -> dict[str, dict[str, object]]:
    told = RUNNER.invoke(app, ["outbox", "--json"])
    assert told.exit_code == 0, told.output
    return {one["destination"]: one for one in json.loads(told.output)}


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
    assert "it was revoked" in RUNNER.invoke(app, ["outbox"], env={"COLUMNS": "300"}).output
    slack.application.tokens = {TOKEN}
    told = RUNNER.invoke(app, ["resend", str(outbox()["slack"]["id"])])
    assert told.output.strip().endswith("to slack is pending")
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
