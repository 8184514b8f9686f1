"""What a person or a script sees of ``homeostat process``."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from homeostat.errors import HomeostatError
from infra.process import display
from infra.process.cli import app
from infra.process.status import Phase, PlatformPhase, PlatformStatus, ServiceStatus, now
from infra.programs.obtain import Record
from tests.unit.infra.scene import Scene, await_that


@pytest.fixture
def run(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("HOMEOSTAT_ROOT", str(scene.root))
    monkeypatch.setenv("HOMEOSTAT_STATE", str(scene.state))
    return lambda *arguments, **options: CliRunner().invoke(app, list(arguments), **options)


def test_status_of_a_platform_that_does_not_run_says_so_and_fails(run) -> None:
    shown = run("status")
    assert (shown.exit_code, "not running" in shown.output) == (1, True)
    assert json.loads(run("status", "--json").output) == {"running": False, "healthy": False}


def test_status_shows_what_runs_and_where(scene: Scene, port: int, run) -> None:
    scene.declare([{"name": "web", "port": port}])
    scene.up()
    shown = run("status")
    assert shown.exit_code == 0
    assert f"http://127.0.0.1:{port}" in shown.output
    told = json.loads(run("status", "--json").output)
    assert (told["running"], told["healthy"]) == (True, True)
    assert [(web["name"], web["healthy"]) for web in told["services"]] == [("web", True)]


def test_down_tells_what_it_stopped_and_purges_only_when_asked(scene: Scene, port: int, run) -> None:
    scene.declare([{"name": "web", "port": port}])
    scene.up()
    assert run("down").output == "stopped web\n"
    assert (scene.state / "logs" / "web.log").exists()
    assert run("down", "--purge", input="no\n").exit_code == 1
    assert scene.state.exists()
    assert run("down", "--purge", input="state\n").exit_code == 0
    assert not scene.state.exists()


def test_logs_prints_the_last_lines_and_names_the_logs_that_are_there(scene: Scene, run) -> None:
    scene.declare([{"name": "worker", "port": None, "revision": "seven"}])
    scene.up()
    assert await_that(lambda: run("logs", "worker", "-n", "1").output) == "started seven\n"
    refused = run("logs", "wroker")
    assert isinstance(refused.exception, HomeostatError)
    assert "logs are there of: supervisor, worker" in str(refused.exception)


def test_a_fault_needs_a_running_platform(run) -> None:
    assert "not running" in str(run("fault", "slow", "--model", "iris").exception)


def service(**fields: object) -> ServiceStatus:
    return ServiceStatus(**{"name": "web", "since": now(), "port": 5001, "wished_port": 5001, **fields})


def test_a_replaced_port_is_told() -> None:
    told = display.note(service(phase=Phase.HEALTHY, wished_port=5000))
    assert told == "port 5000 was busy, it listens on 5001"


def test_the_last_error_of_a_service_is_told_only_while_it_is_not_healthy() -> None:
    assert display.note(service(phase=Phase.RESTING, last_error="exited with code 1")) == "exited with code 1"
    assert display.note(service(phase=Phase.HEALTHY, last_error="exited with code 1")) == ""


def test_up_shows_what_failed_and_says_why_while_the_rest_runs(scene: Scene, port: int, run) -> None:
    scene.declare(
        [
            {"name": "web", "port": port},
            {"name": "model", "port": None, "essential": False, "options": ["--broken"]},
        ]
    )
    scene.pace(settle_seconds=60)  # so that no slow machine takes it for settled before it fails
    scene.up()
    shown = run("up")
    assert f"http://127.0.0.1:{port}" in shown.output
    assert " failed " in shown.output
    assert "model: exited with code 1 before it was ready" in str(shown.exception)


def platform(*services: ServiceStatus) -> PlatformStatus:
    return PlatformStatus(
        phase=PlatformPhase.RUNNING,
        since=now(),
        pid=1,
        started_ticks=0,
        root=Path("/root"),
        state=Path("/state"),
        forge=Path("/"),
        alert_time_divisor=20,
        services=services,
        programs=(Record(name="prometheus", version="2.42.0", source="deb", path=Path("/p")),),
        problems=("the disk is nearly full.",),
    )


def test_programs_the_divisor_and_problems_are_told() -> None:
    told = display.about(platform())
    assert "program   prometheus 2.42.0 from deb (supported: >=2.42.0,<4.0.0)" in told
    assert "alerts    the durations of alert rules are divided by 20" in told
    assert "problem   the disk is nearly full." in told
    assert "push      git push / HEAD:main" in told


def test_off_a_terminal_each_service_gets_a_line_when_it_starts_and_when_it_is_healthy() -> None:
    output = io.StringIO()
    with display.StartDisplay(Console(file=output)) as shown:
        shown.show(platform(service(phase=Phase.PREPARING)))
        shown.show(platform(service(phase=Phase.PREPARING, doing="building")))
        shown.show(platform(service(phase=Phase.HEALTHY, url="http://127.0.0.1:5001")))
        shown.show(platform(service(phase=Phase.HEALTHY, url="http://127.0.0.1:5001")))
    lines = [line.split(" (")[0] for line in output.getvalue().splitlines()]
    assert lines == ["... web", "... web", "ok web"]


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "0s"), (59, "59s"), (60, "1m"), (7300, "2h"), (200000, "2d")]
)
def test_spans_of_time_are_told_as_people_do(seconds: int, told: str) -> None:
    then = datetime(2030, 1, 1, tzinfo=UTC)
    assert display.age(then, then + timedelta(seconds=seconds)) == told
