"""``python -m triage`` as a process: killed at the worst moments, nothing that was accepted is lost."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.unit.triage.conftest import FakePrometheus, wait_until
from tests.unit.triage.story import TOKEN, Story

ROOT = Path(__file__).parents[3]


class Process:
    def __init__(self, state: Path, prometheus_url: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port = taken.getsockname()[1]
        (state / "token").write_text(TOKEN)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")},
            "PYTHONPATH": str(ROOT),
            "TRIAGE_PORT": str(self.port),
            "TRIAGE_TOKEN_FILE": str(state / "token"),
            "TRIAGE_DATABASE_URL": f"sqlite:///{state / 'triage.db'}",
            "TRIAGE_REPORTS": str(state / "reports"),
            "TRIAGE_LOGS": str(state / "logs"),
            "TRIAGE_FORGE": str(state / "forge.git"),
            "TRIAGE_PROMETHEUS_URL": prometheus_url,
            "TRIAGE_COLLECTOR_TIMEOUT_SECONDS": "30",
        }
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", headers={"authorization": f"Bearer {TOKEN}"}
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "triage"], env=self.environment, cwd=ROOT)
        wait_until(self._answers)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(10)

    def jobs(self) -> dict[str, int]:
        return self.client.get("/healthz").json()["jobs"]

    def _answers(self) -> bool:
        try:
            return self.client.get("/healthz").status_code == 200
        except httpx.TransportError:
            assert self.process is not None
            assert self.process.poll() is None, "triage ended instead of serving"
            return False


@pytest.fixture
def launched(tmp_path: Path, prometheus: FakePrometheus) -> Iterator[Process]:
    process = Process(tmp_path, prometheus.url)
    yield process
    process.kill()
    process.client.close()


def reported(process: Process) -> bool:
    (incident,) = process.client.get("/api/incidents").json()["incidents"]
    return process.client.get(f"/incidents/{incident['id']}").status_code == 200


@pytest.mark.parametrize("moment", ["right after the 202", "in the middle of the analysis"])
def test_an_accepted_alert_is_diagnosed_after_a_kill(
    launched: Process, story: Story, prometheus: FakePrometheus, moment: str, tmp_path: Path
) -> None:
    prometheus.gate.clear()
    launched.start()
    assert launched.client.post("/webhooks/alertmanager", json=story.payload()).status_code == 202
    if moment == "in the middle of the analysis":
        wait_until(lambda: bool(prometheus.asked) and launched.jobs()["leased"] == 1)
    launched.kill()
    assert not list(tmp_path.glob("reports/*.md"))
    prometheus.gate.set()
    launched.start()
    wait_until(lambda: reported(launched))
    # the report is there before its job is done, and before it is delivered
    wait_until(lambda: launched.jobs() == {"queued": 0, "held": 0, "leased": 0, "done": 1, "dead": 0})
    wait_until(lambda: len(list(tmp_path.glob("reports/*.md"))) == 1)


def test_without_a_token_file_the_process_ends_with_one_sentence(launched: Process) -> None:
    environment: dict[str, str] = {**launched.environment, "TRIAGE_TOKEN_FILE": "/nonexistent/token"}
    done = subprocess.run(
        [sys.executable, "-m", "triage"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: TRIAGE_TOKEN_FILE: /nonexistent/token can't be read")
    assert "Traceback" not in done.stderr
