"""Retraining on this machine: one commit on the real forge, found by the real runner's queue."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from delivery.changes import only_releases
from delivery.forge import ensure_forge
from delivery.layout import Layout
from delivery.queue import Queue, RunState
from delivery.runner import Runner
from tests.unit.triage.story import MODEL, Forge
from triage.drift.forge_commit import ForgeCommit
from triage.drift.retraining import Request, RetrainingFailed

REQUEST = Request("20261121-120000-1f2e3d4c", MODEL, "4", "P0", datetime(2026, 11, 21, 12, tzinfo=UTC))
FILE = f"model-source/{MODEL}/retraining.json"


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    made = Forge.create(tmp_path / "forge")
    spec = made.clone / "model-source" / MODEL / "model.yaml"
    spec.parent.mkdir(parents=True)
    spec.write_text("name: phishing_detector\n")
    made.commit_source("x = 1")
    return made


def git(forge: Forge, *arguments: str) -> str:
    command = ["git", f"--git-dir={forge.bare}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_one_commit_changes_one_of_the_models_inputs(forge: Forge) -> None:
    where = ForgeCommit(forge.bare).ask(REQUEST, in_doubt=False)
    assert where == f"commit {git(forge, 'rev-parse', 'main')[:12]} on main"
    changed = git(forge, "diff", "--name-only", "main~1", "main").splitlines()
    assert changed == [FILE]
    assert not only_releases(changed)
    assert json.loads(git(forge, "show", f"main:{FILE}"))["request"] == REQUEST.id
    assert git(forge, "fsck", "--no-dangling") == ""


def test_asked_again_it_makes_no_second_commit(forge: Forge) -> None:
    commits = {ForgeCommit(forge.bare).ask(REQUEST, in_doubt=doubt) for doubt in (False, True, True)}
    assert len(commits) == 1
    assert git(forge, "rev-list", "--count", "main") == "2"


def test_another_request_is_another_commit(forge: Forge) -> None:
    other = Request("20261122-120000-5a6b7c8d", MODEL, "5", "P0", REQUEST.decided_at)
    for one in (REQUEST, other):
        ForgeCommit(forge.bare).ask(one, in_doubt=False)
    assert git(forge, "rev-list", "--count", "main") == "3"


def test_the_runner_takes_the_commit_up_without_a_push(forge: Forge, tmp_path: Path) -> None:
    layout = Layout(tmp_path / "state")
    layout.forge.parent.mkdir(parents=True)
    forge.bare.rename(layout.forge)
    ensure_forge(layout.forge, tmp_path, layout.state)
    ForgeCommit(layout.forge).ask(REQUEST, in_doubt=False)
    queue = Queue(layout.queue)

    class Unused:
        """No run is worked off here."""

    Runner(layout, tmp_path, queue, Unused()).catch_up()  # pyright: ignore[reportArgumentType]
    run = queue.latest()
    assert run is not None
    assert run.state is RunState.QUEUED


def test_a_model_that_the_forge_does_not_hold_is_refused_for_good(forge: Forge) -> None:
    stranger = Request(REQUEST.id, "stranger", "1", "P0", REQUEST.decided_at)
    with pytest.raises(RetrainingFailed, match=r"holds no model-source/stranger/model\.yaml") as caught:
        ForgeCommit(forge.bare).ask(stranger, in_doubt=False)
    assert caught.value.permanent


def test_a_forge_that_is_not_there_yet_is_tried_again(tmp_path: Path) -> None:
    with pytest.raises(RetrainingFailed, match="there is no forge") as caught:
        ForgeCommit(tmp_path / "homeostat.git").ask(REQUEST, in_doubt=False)
    assert not caught.value.permanent


def test_an_empty_forge_is_tried_again(tmp_path: Path) -> None:
    empty = Forge.create(tmp_path / "forge")
    with pytest.raises(RetrainingFailed) as caught:
        ForgeCommit(empty.bare).ask(REQUEST, in_doubt=False)
    assert not caught.value.permanent
