"""The real pipeline, killed at three places, completes without another push."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from demo.chapters.push import PATCH
from demo.scratch import clone
from homeostat.release import read_release, release_path
from infra.process import control
from tests.e2e.conftest import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.packages, pytest.mark.timeout(900)]

PLACES = ("== ct:", "== package:", "== handoff:")


def run_log(state: Path) -> str:
    logs = list((state / "pipeline").glob("*/log.txt"))
    return logs[0].read_text(encoding="utf-8") if logs else ""


def kill_runner_at(state: Path, place: str) -> int:
    """Wait until the run's log tells of ``place``, then kill the runner there; return its pid."""
    deadline = time.monotonic() + 300
    while place not in run_log(state):
        assert time.monotonic() < deadline, f"the run never came to '{place}'"
        time.sleep(0.02)
    status = control.status(state)
    runner = status.service("runner") if status else None
    assert runner is not None
    assert runner.pid is not None
    os.kill(runner.pid, signal.SIGKILL)
    return runner.pid


def await_another_runner(state: Path, killed: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        status = control.status(state)
        runner = status.service("runner") if status else None
        if runner and runner.pid not in (None, killed):
            return
        time.sleep(0.05)
    pytest.fail("the runner was not started again")


def test_a_run_that_is_killed_while_training_packaging_and_handing_off_still_serves(state: Path) -> None:
    platform = control.up(control.Platform(ROOT, state), with_parent=os.getpid())
    scratch = clone(ROOT, state / "scratch", platform.forge)
    scratch.apply(PATCH)
    scratch.commit("Change the model a little")
    said: list[str] = []
    push = threading.Thread(target=lambda: scratch.push(said.append))
    push.start()

    for place in PLACES:
        await_another_runner(state, kill_runner_at(state, place))
    push.join()

    log = run_log(state)
    assert "succeeded: phishing_detector 1 serves" in "\n".join(said), log
    before = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=scratch.folder, capture_output=True, text=True, check=True
    ).stdout.strip()
    scratch.pull()
    release = read_release(release_path(scratch.folder, "phishing_detector"))
    assert release.version == 1
    hand_offs = subprocess.run(
        ["git", "log", "--format=%an", f"{before}..HEAD"],
        cwd=scratch.folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert hand_offs == ["homeostat-bot"]
