"""What a pusher sees, and what a push starts."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from delivery.queue import RunState
from tests.unit.delivery.small_platform import Platform, developer, git, until


def test_the_pusher_sees_the_run_without_its_secrets_and_is_told_to_pull(platform: Platform) -> None:
    commit = platform.commit()
    platform.start_runner()
    until(platform.runner_works)

    seen = platform.push()

    assert "this is ct" in seen
    assert "succeeded: done." in seen
    assert "git pull" in seen
    assert "password=[redacted:named:20d2]" in seen
    assert "hunter22" not in seen + platform.layout.run(platform.run_of(commit)).log.read_text()


def test_a_refused_commit_says_why_and_hands_nothing_off(platform: Platform) -> None:
    platform.commit("outcome", "ct refused")
    platform.start_runner()
    until(platform.runner_works)

    seen = platform.push()

    assert "refused: ct: the test wants it." in seen
    assert "what was served before still serves" in seen
    assert platform.hand_offs() == []
    assert platform.times("package") == 0


def test_a_stage_that_breaks_without_a_verdict_is_a_failure_not_a_pass(platform: Platform) -> None:
    platform.commit("stage.py", "raise SystemExit(0)\n")
    platform.submit()

    platform.drain()

    run = platform.queue.latest()
    assert run is not None
    assert run.state is RunState.FAILED
    assert "'make check-changes' ended with exit code 0 without a verdict" in run.sentence


def test_without_a_runner_the_push_is_queued_for_later(platform: Platform) -> None:
    commit = platform.commit()

    seen = platform.push()

    assert "it runs once that is up" in seen
    assert platform.queue.knows(commit)


def test_a_commit_that_only_changes_releases_starts_nothing(platform: Platform) -> None:
    platform.submit()
    platform.drain()
    git(platform.root, "pull", "--quiet", str(platform.forge), "main")
    before = platform.times("checks")
    git(platform.root, "revert", "--no-edit", "HEAD")

    seen = platform.push()
    platform.drain()

    assert "only releases changed: deploying, no pipeline" in seen
    assert platform.times("checks") == before


def test_other_branches_are_kept_but_not_built(platform: Platform) -> None:
    seen = platform.push(ref="idea")

    assert "idea is kept; only main is built" in seen
    assert platform.queue.latest() is None


def test_a_branch_that_is_removed_is_called_so_and_main_cannot_be(platform: Platform) -> None:
    platform.push(ref="idea")
    platform.push()

    assert "idea is removed" in git_says(platform, "push", str(platform.forge), ":idea")
    assert "prohibited" in git_says(platform, "push", str(platform.forge), ":main")


def test_what_was_pushed_cannot_be_rewritten(platform: Platform) -> None:
    platform.push()
    git(platform.root, "commit", "--quiet", "--amend", "-m", "Other")

    assert "denying non-fast-forward" in git_says(platform, "push", "-f", str(platform.forge), "HEAD:main")


def git_says(platform: Platform, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=platform.root, env=developer(), capture_output=True, text=True, check=False
    )
    return done.stderr


def test_a_shallow_clone_can_push_and_its_run_hands_off(platform: Platform, tmp_path: Path) -> None:
    platform.commit()
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", platform.root.as_uri(), str(shallow))

    platform.push(shallow)
    platform.drain()

    assert len(platform.hand_offs()) == 1


def test_the_hook_needs_neither_path_nor_home_nor_identity(platform: Platform) -> None:
    commit = platform.commit()
    subprocess.run(
        [shutil.which("git") or "git", "push", "--quiet", str(platform.forge), "HEAD:main"],
        cwd=platform.root,
        env={"PYTHONPATH": "/nonexistent", "HOME": "/nonexistent"},
        check=True,
        timeout=60,
    )

    assert platform.queue.knows(commit)


def test_interrupting_the_pusher_does_not_stop_the_run(platform: Platform) -> None:
    commit = platform.commit()
    hold = platform.hold("before-ct")
    platform.start_runner()
    until(platform.runner_works)
    pusher = subprocess.Popen(
        ["git", "push", str(platform.forge), "HEAD:main"],
        cwd=platform.root,
        env=developer(),
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    until(hold.with_suffix(".reached").exists)
    os.killpg(pusher.pid, signal.SIGINT)
    pusher.communicate(timeout=30)
    hold.unlink()

    until(lambda: platform.run_of(commit).state.ended)

    assert platform.run_of(commit).state is RunState.SUCCEEDED


def test_a_refused_run_can_be_tried_again_from_where_it_objected(platform: Platform) -> None:
    platform.commit("outcome", "rollout failed")
    platform.submit()
    platform.drain()
    failed = platform.queue.recent()[-1]
    assert failed.state is RunState.FAILED

    done = subprocess.run(
        [sys.executable, "-m", "homeostat", "delivery", "retry", failed.commit[:10]],
        env=developer() | {"HOMEOSTAT_ROOT": str(platform.root), "HOMEOSTAT_STATE": str(platform.state)},
        capture_output=True,
        text=True,
        check=True,
    )
    platform.drain()

    assert "queued again" in done.stdout
    assert platform.times("ct") == 1
    assert platform.times("rollout") == 2


def test_a_commit_queued_behind_a_hand_off_is_judged_against_what_is_deployed_now(platform: Platform) -> None:
    platform.queue.add(platform.commit(), None)
    script = platform.root / "stage.py"
    look = '(state / "saw").write_text(str(sorted(map(str, Path("manifests").rglob("*.yaml")))))'
    platform.commit("stage.py", f"{script.read_text()}\n{look}\n")
    platform.submit()

    platform.drain()

    assert len(platform.hand_offs()) == 2
    assert "manifests/models/toy/release.yaml" in (platform.state / "saw").read_text()


def tells_base(platform: Platform) -> str:
    """A ``stage.py`` that writes down what its checks are to compare with."""
    script = (platform.root / "stage.py").read_text()
    return script.replace('stop_at(f"before-{stage}")', '(state / "base").write_text(os.environ["BASE"])')


def test_checks_compare_with_what_passed_last_so_that_no_refused_change_slips_by(platform: Platform) -> None:
    passed = platform.commit("stage.py", tells_base(platform))
    platform.submit()
    platform.drain()
    git(platform.root, "pull", "--quiet", str(platform.forge), "main")
    for outcome in ("ct refused", "ct failed"):
        platform.commit("outcome", outcome)
        platform.submit()
        platform.drain()

    assert (platform.state / "base").read_text() == passed


def test_the_first_push_from_the_platforms_own_clone_is_compared_with_what_was_cloned(
    platform: Platform,
) -> None:
    cloned = git(platform.root, "rev-parse", "HEAD")
    git(platform.root, "update-ref", "refs/remotes/origin/HEAD", cloned)
    platform.commit("README.md")
    commit = platform.commit("stage.py", tells_base(platform))
    platform.submit()

    platform.drain()

    assert git(platform.root, "rev-parse", "HEAD") == commit
    assert (platform.state / "base").read_text() == cloned


def test_without_an_upstream_such_a_push_is_compared_with_the_commit_before(platform: Platform) -> None:
    before = platform.commit("README.md")
    platform.commit("stage.py", tells_base(platform))
    platform.submit()

    platform.drain()

    assert (platform.state / "base").read_text() == before


def test_the_first_push_is_compared_with_what_it_shares_with_the_platform(
    platform: Platform, tmp_path: Path
) -> None:
    shared = git(platform.root, "rev-parse", "HEAD")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(platform.root), str(clone))
    (clone / "stage.py").write_text(tells_base(platform))
    git(clone, "commit", "--quiet", "--all", "-m", "Look")
    platform.commit("elsewhere")
    git(platform.forge, "fetch", "--quiet", str(clone), "HEAD:main")

    platform.drain()

    assert (platform.state / "base").read_text() == shared
