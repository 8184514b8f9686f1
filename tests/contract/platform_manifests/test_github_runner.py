"""The GitHub runner's registration, against a stand-in for GitHub's API; and who may use the runner."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from infra.process.state.ports import LOOPBACK
from tests.contract.platform_manifests.postgresql import ROOT

SCRIPTS = ROOT / "manifests/github-runner/overlays/homelab/scripts"
TOKEN = "of-the-owner"
needs_tools = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("jq")),
    reason="the runner's image has curl and jq, this machine has not",
)


class GitHub(BaseHTTPRequestHandler):
    """Gives a configuration to who has the token, and remembers what it was asked."""

    asked: list[dict] = []  # noqa: RUF012 - emptied by the fixture

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append({"path": self.path, **body})
        allowed = self.headers["Authorization"] == f"Bearer {TOKEN}"
        answer = {"encoded_jit_config": "for-one-job"} if allowed else {"message": "Bad credentials"}
        content = json.dumps(answer).encode()
        self.send_response(201 if allowed else 401)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Silence."""


@pytest.fixture
def register(tmp_path: Path):
    GitHub.asked.clear()
    server = ThreadingHTTPServer((LOOPBACK, 0), GitHub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    image, runner = tmp_path / "image", tmp_path / "runner"
    image.mkdir()
    runner.mkdir()
    (image / "run.sh").write_text('#!/bin/sh\necho "$ACTIONS_RUNNER_INPUT_JITCONFIG"; ls -A\n')
    (image / "run.sh").chmod(0o755)

    def run(token: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "token").write_text(token)
        environment = {
            "PATH": os.environ["PATH"],
            "HOSTNAME": "github-runner-1",
            "REPOSITORY": "owner/name",
            "TOKEN_FILE": str(tmp_path / "token"),
            "RUNNER": str(runner),
            "API": f"http://{LOOPBACK}:{server.server_port}",
        }
        return subprocess.run(
            ["bash", SCRIPTS / "register.sh"],
            cwd=image,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    yield run
    server.shutdown()
    server.server_close()


@needs_tools
def test_a_runner_is_asked_for_and_takes_one_job_without_the_token(register, tmp_path):
    ran = register(TOKEN)
    assert ran.returncode == 0, ran.stderr
    assert GitHub.asked[0]["path"] == "/repos/owner/name/actions/runners/generate-jitconfig"
    assert GitHub.asked[0]["name"] == "github-runner-1"
    assert GitHub.asked[0]["labels"] == ["homeostat"]
    runner = tmp_path / "runner"
    assert not any(TOKEN in path.read_text() for path in runner.rglob("*") if path.is_file())
    job = subprocess.run(
        ["bash", SCRIPTS / "run.sh"], cwd=runner, capture_output=True, text=True, check=True, timeout=60
    )
    assert job.stdout.split() == ["for-one-job", "run.sh"]


@needs_tools
def test_a_wrong_token_is_told_and_leaves_no_runner(register, tmp_path):
    ran = register("wrong")
    assert ran.returncode == 1
    assert "GitHub gave no runner for owner/name: Bad credentials" in ran.stderr
    assert "wrong" not in ran.stderr
    assert not (tmp_path / "runner" / ".jitconfig").exists()


def pod() -> dict:
    cron_job = next(iter(YAML(typ="safe").load_all(SCRIPTS.parent / "runner.yaml")))
    return cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def test_the_job_sees_neither_the_token_nor_a_service_account():
    (runner,) = pod()["containers"]
    assert "token" not in {mount["name"] for mount in runner["volumeMounts"]}
    assert all("valueFrom" not in entry for entry in runner["env"])
    assert pod()["automountServiceAccountToken"] is False
    assert "shareProcessNamespace" not in pod()


def test_no_workflow_that_a_stranger_can_start_runs_at_home():
    """A pull request from a fork brings code of its own."""
    for path in sorted((ROOT / ".github/workflows").glob("*.y*ml")):
        workflow = YAML(typ="safe").load(path)
        triggers = workflow.get("on", workflow.get(True))
        names = {triggers} if isinstance(triggers, str) else set(triggers)
        at_home = [
            name for name, job in workflow["jobs"].items() if "self-hosted" in str(job.get("runs-on", ""))
        ]
        strangers = names & {"pull_request", "pull_request_target", "issue_comment", "issues", "workflow_run"}
        assert not (at_home and strangers), f"{path.name}: {at_home} run at home on {strangers}"
