"""Push: a commit becomes a served version."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from demo.scene import MODEL, Scene
from demo.scratch import Scratch, clone
from homeostat.errors import HomeostatError
from homeostat.progress import Step
from homeostat.release import Release, read_release, release_path

#: a data scientist's small change to the model's source
PATCH = Path(__file__).parents[1] / "model_change.patch"


class PushFailed(HomeostatError):  # noqa: N818 - it tells what happened, as the story does
    """The push did not end as the story tells."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of a push."""

    scratch: Scratch
    release: Release


def push_model(step: Step, scene: Scene) -> Pushed:
    """Clone the repository, change the model, push to the forge, and take the hand-off that comes back."""
    scratch = clone(scene.root, scene.scratch, scene.forge)
    scratch.apply(PATCH)
    scratch.commit("Say why the split keeps equal pages together")
    push_and_show(step, scratch)
    scratch.pull()
    path = release_path(scratch.folder, MODEL)
    if not path.exists():
        raise PushFailed(f"the push handed off no release of {MODEL}; the lines above say why.")
    return Pushed(scratch, read_release(path))


def push_and_show(step: Step, scratch: Scratch) -> tuple[str, ...]:
    """Push, show what the forge says as the pusher would see it, and return those lines."""
    lines: list[str] = []

    def show(line: str) -> None:
        said = line.removeprefix("remote: ").rstrip()
        if line.startswith("remote: ") and said:
            lines.append(said)
            step.note(said)

    if code := scratch.push(show):
        raise PushFailed(f"git push ended with {code}; the lines above say why.")
    return tuple(lines)
