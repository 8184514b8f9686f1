"""A push that changes nothing but releases, such as a rollback: what its author is told.

No pipeline runs for it, so nobody else would say whether what it asks for serves.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

from delivery.errors import StageFailed
from delivery.git import Git
from delivery.handoff import BOT_EMAIL, deployed_release
from delivery.places.place import Place
from delivery.rollout import Rollout

_SECONDS = 120.0


def await_releases(git: Git, old: str, new: str, place: Place, say: Callable[[str], None]) -> None:
    """Wait until the releases that changed between two commits serve, and say how that ended.

    Nothing is awaited for a hand-off: its run does that.
    """
    if git("log", "-1", "--format=%ae", new) == BOT_EMAIL:
        return
    if not place.is_running():
        say("the platform is not running, so it is served at 'make up'.")
        return
    rollout = Rollout(place.provider(new), say, _SECONDS)
    for path in git.paths_changed(old, new):
        if not path.endswith("/release.yaml"):
            continue
        release = deployed_release(git, new, PurePosixPath(path).parent.name)
        if release is None:
            say(f"{path} is gone or holds no release: nothing is awaited; 'make status' shows what serves.")
            continue
        try:
            say(rollout.await_release(release))
        except StageFailed as error:
            say(f"failed: {error}")
