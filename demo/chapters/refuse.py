"""Refuse: a worse change is stopped by a gate, and the old version goes on serving."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from demo.chapters.predict import predict, sample_rows
from demo.chapters.push import Pushed, PushFailed, push_and_show
from demo.scene import MODEL, Scene
from homeostat.progress import Step
from homeostat.release import read_release, release_path

#: a loader that joins a third of the labels to the wrong rows; the counts stay right, so no unit test sees it
PATCH = Path(__file__).parents[1] / "worse_change.patch"
#: how the forge tells the pusher that training was refused by a gate
_REFUSED = "refused: ct:"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the worse change was refused, and what serves on."""

    sentence: str
    serving_version: int


def push_worse_change(step: Step, scene: Scene, pushed: Pushed) -> Refusal:
    """Push a commit whose loader corrupts labels, and see that it does not reach traffic.

    Raises:
        PushFailed: when the worse change was handed off, or refused for another reason than a gate.
    """
    pushed.scratch.apply(PATCH)
    pushed.scratch.commit("Load the labels through the new join")
    said = push_and_show(step, pushed.scratch)
    pushed.scratch.pull()
    still = read_release(release_path(pushed.scratch.folder, MODEL))
    if still != pushed.release:
        raise PushFailed(f"version {still.version} was handed off, though its labels are corrupt.")
    sentence = next((line.removeprefix(_REFUSED).strip() for line in said if line.startswith(_REFUSED)), None)
    if sentence is None:
        raise PushFailed("the worse change was not refused by a gate; the lines above say what happened.")
    predict(scene.model_url, MODEL, sample_rows(4))
    step.note(f"version {still.version} still answers")
    return Refusal(sentence, still.version)
