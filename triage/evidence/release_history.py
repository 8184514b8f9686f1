"""The releases of one model as the forge's main branch tells them, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from homeostat.release import RELEASES
from triage.evidence.git import Git

BRANCH = "main"
_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class HandOff:
    """One commit that changed what serves."""

    commit: str
    at: datetime
    author: str
    subject: str
    trailers: str


def release_file(model: str) -> str:
    """The path of the model's release inside the repository."""
    return (RELEASES / model / "release.yaml").as_posix()


def hand_offs(git: Git, model: str, most: int, until: datetime) -> Sequence[HandOff]:
    """The last hand-offs of ``model`` before ``until``.

    Raises:
        GitUnavailable: when the repository can't be read.
    """
    shape = _SEPARATOR.join(("%H", "%ct", "%an", "%s", "%(trailers:only,unfold,separator=%x3B )"))
    text = git.read(
        "log", f"--max-count={most}", f"--until={until.isoformat()}", f"--format={shape}",
        BRANCH, "--", release_file(model),
    )  # fmt: skip
    return [_hand_off(line) for line in text.split("\n") if line.count(_SEPARATOR) == shape.count(_SEPARATOR)]


def _hand_off(line: str) -> HandOff:
    commit, seconds, author, subject, trailers = line.split(_SEPARATOR)
    return HandOff(commit, datetime.fromtimestamp(int(seconds), UTC), author, subject, trailers)
