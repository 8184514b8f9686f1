"""A run that is killed anywhere completes when a runner is back, and hands off exactly once."""

from __future__ import annotations

from pathlib import Path

import pytest

from delivery.queue import RunState
from tests.unit.delivery.small_platform import Platform, git, until


@pytest.mark.parametrize(
    ("place", "repeated"),
    [
        pytest.param("after-ct", "ct", id="while it trains"),
        pytest.param("before-handoff", "handoff", id="between package and hand-off"),
        pytest.param("after-handoff", "handoff", id="after the hand-off commit, before its marker"),
    ],
)
def test_a_killed_run_completes_with_one_hand_off(platform: Platform, place: str, repeated: str) -> None:
    commit = platform.commit()
    platform.submit()
    hold = platform.hold(place)
    runner = platform.start_runner()
    until(hold.with_suffix(".reached").exists)
    stage = int(hold.with_suffix(".reached").read_text())
    runner.kill()
    until(lambda: not Path(f"/proc/{stage}").exists())
    hold.unlink()

    platform.drain()

    assert platform.run_of(commit).state is RunState.SUCCEEDED
    assert len(platform.hand_offs()) == 1
    began = {
        stage: platform.times(stage) for stage in ("checks", "ct", "package", "image", "handoff", "rollout")
    }
    assert began == {name: 2 if name == repeated else 1 for name in began}
    assert git(platform.forge, "diff", "--name-only", "main~1", "main") == "manifests/models/toy/release.yaml"


def test_a_push_whose_hook_was_killed_before_it_could_queue_is_found_by_the_runner(
    platform: Platform,
) -> None:
    commit = platform.commit()
    (platform.forge / "hooks" / "post-receive").write_text("#!/bin/sh\nkill -9 $$\n")
    platform.push()
    assert not platform.queue.knows(commit)

    platform.drain()

    assert platform.run_of(commit).state is RunState.SUCCEEDED


def test_a_run_that_takes_every_runner_down_is_given_up(platform: Platform) -> None:
    commit = platform.commit()
    platform.queue.add(commit, None)
    for _ in range(6):
        platform.queue.claim()
    platform.submit()

    platform.drain()

    run = platform.run_of(commit)
    assert run.state is RunState.FAILED
    assert "given up" in run.sentence


def test_two_runners_never_work_at_once(platform: Platform) -> None:
    platform.submit()
    hold = platform.hold("before-ct")
    platform.start_runner()
    until(hold.with_suffix(".reached").exists)

    second = platform.start_runner("--once")
    output, _ = second.communicate(timeout=30)

    assert second.returncode == 4
    assert "another runner" in output
