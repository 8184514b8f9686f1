"""What a provider starts, and what a person types."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from homeostat.errors import HomeostatError
from tests.unit.triage.conftest import FakePrometheus, Running
from tests.unit.triage.story import Forge, Story
from triage.cli import app
from triage.services import services
from triage.settings import Settings, load_settings

Serve = Callable[..., Running]


@dataclass
class Site:
    state: Path
    alert_time_divisor: float = 30.0

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    def directory(self, service: str) -> Path:
        folder = self.state / "services" / service
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def port(self, service: str) -> int:
        return 18090

    def url(self, service: str) -> str:
        return "http://127.0.0.1:19090"

    def secret(self, name: str) -> str:
        path = self.state / "secrets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a-secret-of-sixteen-or-more")
        return path.read_text()


def test_the_launch_environment_is_one_that_triage_accepts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(tmp_path)
    (service,) = services(site)
    assert (service.name, service.default_port, service.health_path) == ("triage", 8090, "/healthz")
    launch = service.launch(site)
    for name, value in launch.env.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.port == 18090
    assert settings.rate_window_seconds == 10
    assert settings.token_file.read_text() == site.secret("triage-webhook")
    assert not any("secret" in part for part in launch.argv)


def test_incidents_are_listed_and_shown_over_http(serve: Serve, story: Story) -> None:
    running = serve()
    url = str(running.client.base_url)
    assert "no incident so far" in CliRunner().invoke(app, ["list", "--url", url]).output
    story.slow_in_predict()
    running.post(story.payload())
    running.settled()
    listed = json.loads(CliRunner().invoke(app, ["list", "--url", url, "--json"]).output)
    shown = CliRunner().invoke(app, ["show", listed[0]["id"], "--url", url])
    assert "The model server itself is slow in predict" in shown.output
    missing = CliRunner().invoke(app, ["show", "none", "--url", url])
    assert isinstance(missing.exception, HomeostatError)


def test_incidents_are_read_from_the_sites_database(
    serve: Serve, story: Story, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMEOSTAT_STATE", str(tmp_path / "state"))
    empty = CliRunner().invoke(app, ["list"])
    assert "make up" in str(empty.exception)
    database = tmp_path / "state" / "services" / "triage" / "triage.db"
    running = serve(database_url=f"sqlite:///{database}")
    running.post(story.payload())
    running.settled()
    (incident,) = json.loads(CliRunner().invoke(app, ["list", "--json"]).output)
    assert CliRunner().invoke(app, ["show", incident["id"]]).output.startswith("# ModelInferenceLatencyHigh")
    details = json.loads(CliRunner().invoke(app, ["show", incident["id"], "--json"]).output)
    assert details["report"]["incident_id"] == incident["id"]


def test_an_alert_can_be_diagnosed_by_hand(
    story: Story, forge: Forge, prometheus: FakePrometheus, tmp_path: Path
) -> None:
    story.slow_in_predict()
    story.log("slow_request", 50, duration_seconds=0.9, phases={"predict": 0.89})
    (tmp_path / "alert.json").write_text(json.dumps(story.payload()))
    sources = ["--logs", str(story.logs), "--forge", str(forge.bare), "--prometheus", prometheus.url]
    done = CliRunner().invoke(app, ["run", "--alert", str(tmp_path / "alert.json"), *sources])
    assert done.exit_code == 0, done.output
    assert "### 1. The model server itself is slow in predict" in done.output
    as_json = CliRunner().invoke(app, ["run", "--alert", str(tmp_path / "alert.json"), *sources, "--json"])
    assert json.loads(as_json.output)["causes"][0]["citations"]


def test_a_wrong_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "alert.yaml").write_text("version: '2'\n")
    done = CliRunner().invoke(app, ["run", "--alert", str(tmp_path / "alert.yaml")])
    assert isinstance(done.exception, HomeostatError)
    assert "'version' is '2'" in str(done.exception)
