"""A model whose quality is measurably lost is trained again: a commit on the forge, and the same gates."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from delivery.git import Git
from demo.chapters.push import PATCH
from demo.scratch import clone
from infra.process import control
from infra.process.state.secret_files import secret
from tests.e2e.conftest import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.packages, pytest.mark.timeout(900)]

MODEL = "phishing_detector"


def eventually(look: Callable[[], Any], seconds: float = 300.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"{look.__name__} did not come true"
        time.sleep(0.2)
    return seen


def lost() -> dict[str, Any]:
    """What a detector posts when accuracy fell from 0.9 to 0.7."""
    statistic = {"statistic": "accuracy", "window": "7d", "baseline": 0.9, "current": 0.7, "n": 3000}
    return {
        "model": MODEL, "version": "1", "detector": "nightly", "observed_at": datetime.now(UTC).isoformat(),
        "statistics": [statistic],
    }  # fmt: skip


def test_a_measured_loss_of_quality_trains_the_model_again_and_the_gates_judge_it(state: Path) -> None:
    platform = control.up(control.Platform(ROOT, state), with_parent=os.getpid())
    scratch = clone(ROOT, state / "scratch", platform.forge)
    scratch.apply(PATCH)
    scratch.commit("Change the model a little")
    said: list[str] = []
    assert scratch.push(said.append) == 0, said
    status = control.status(state)
    triage = status.service("triage") if status else None
    assert triage is not None
    forge = Git(platform.forge)

    headers = {"Authorization": f"Bearer {secret(state / 'secrets', 'triage-webhook')}"}
    answer = httpx.post(f"{triage.url}/webhooks/drift", json=lost(), headers=headers, trust_env=False)
    assert answer.status_code == 202, answer.text
    incident = answer.json()["incidents"][0]

    def asked_for() -> str:
        return forge("log", "-1", "--format=%H", "--author=Homeostat triage", "main").strip()

    commit = eventually(asked_for)
    assert forge("show", "--format=", "--name-only", commit).split() == [
        f"model-source/{MODEL}/retraining.json"
    ]

    def ended() -> dict[str, Any]:
        lines = (state / "logs" / "runner.log").read_text(encoding="utf-8").splitlines()
        runs = [json.loads(line) for line in lines if '"run_ended"' in line]
        return next((run for run in runs if run["commit"] == commit), {})

    run = eventually(ended)
    assert run["outcome"] == "passed", run
    assert f"{MODEL} 2 serves" in run["sentence"], run
    report = httpx.get(f"{triage.url}/incidents/{incident}.md", trust_env=False).raise_for_status().text
    assert f"commit {commit[:12]} on main" in report
