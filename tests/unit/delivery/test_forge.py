"""The forge is made once, and put right when something changed it."""

from __future__ import annotations

from delivery.environment import environment_for, fingerprint
from delivery.forge import ensure_forge, hook_text
from tests.unit.delivery.small_platform import Platform, git


def test_making_the_forge_again_changes_nothing(platform: Platform) -> None:
    hook = platform.forge / "hooks" / "post-receive"
    before = (hook.stat().st_mtime_ns, (platform.forge / "config").read_text())

    ensure_forge(platform.forge, platform.root, platform.state)

    assert before == (hook.stat().st_mtime_ns, (platform.forge / "config").read_text())


def test_a_hook_or_setting_that_differs_is_put_right(platform: Platform) -> None:
    hook = platform.forge / "hooks" / "post-receive"
    hook.write_text("#!/bin/sh\n")
    git(platform.forge, "config", "receive.shallowUpdate", "false")

    ensure_forge(platform.forge, platform.root, platform.state)

    assert hook.read_text() == hook_text(platform.root, platform.state)
    assert hook.stat().st_mode & 0o111
    assert git(platform.forge, "config", "receive.shallowUpdate") == "true"


def test_the_platforms_environment_serves_commits_with_the_same_lock(platform: Platform) -> None:
    made: list[object] = []

    environment_for(platform.root, platform.root, platform.state, lambda argv, where: made.append(argv) or 0)

    assert made == []


def test_another_lock_gets_an_environment_of_its_own_once(platform: Platform, tmp_path: object) -> None:
    other = platform.state / "checkout"
    (other / "requirements").mkdir(parents=True)
    (other / "requirements" / "dev.txt").write_text("new==1\n")
    made: list[str] = []

    def bootstrap(argv: object, where: object) -> int:
        made.append(str(argv))
        (platform.state / "environments" / fingerprint(other)[:16]).mkdir(parents=True, exist_ok=True)
        return 0

    for _ in range(2):
        environment_for(other, platform.root, platform.state / "environments", bootstrap)

    assert len(made) == 1
    assert "scripts/bootstrap.sh" in made[0]
