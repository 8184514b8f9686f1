"""Rollback is ``git revert`` of a hand-off: the version that served before serves again."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from demo.chapters.push import PATCH
from demo.scratch import Scratch, clone
from infra.process import control
from tests.e2e.conftest import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.packages, pytest.mark.timeout(900)]

MODEL = "phishing_detector"


def served_version(state: Path) -> str | None:
    status = control.status(state)
    service = status.service(f"model-{MODEL}") if status else None
    if service is None or service.url is None:
        return None
    answer = httpx.get(f"{service.url}/v2/models/{MODEL}", trust_env=False)
    return answer.json()["versions"][0] if answer.is_success else None


def push(scratch: Scratch) -> str:
    said: list[str] = []
    assert scratch.push(said.append) == 0, said
    scratch.pull()
    return "\n".join(said)


def test_reverting_a_hand_off_brings_the_version_before_it_back(state: Path) -> None:
    platform = control.up(control.Platform(ROOT, state), with_parent=os.getpid())
    scratch = clone(ROOT, state / "scratch", platform.forge)
    scratch.apply(PATCH)
    scratch.commit("Change the model a little")
    assert f"succeeded: {MODEL} 1 serves" in push(scratch)
    source = scratch.folder / "model-source" / MODEL / "train.py"
    source.write_text(source.read_text().replace("word for word", "to the letter"))
    scratch.commit("Change the model a little more")
    said = push(scratch)
    assert f"succeeded: {MODEL} 2 serves" in said, said
    assert served_version(state) == "2"

    identity = ("-c", "user.name=Someone", "-c", "user.email=someone@users.noreply.invalid")
    subprocess.run(["git", *identity, "revert", "--no-edit", "HEAD"], cwd=scratch.folder, check=True)
    said = push(scratch)

    assert "no pipeline" in said
    deadline = time.monotonic() + 60
    while served_version(state) != "1":
        assert time.monotonic() < deadline, "version 1 did not come back"
        time.sleep(0.1)
