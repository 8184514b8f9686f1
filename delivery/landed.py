"""What the hand-off of a run put on the branch, for the rollout to wait for."""

from __future__ import annotations

from pathlib import Path

from homeostat import atomic
from homeostat.config import Document
from homeostat.release import Release

_NAME = "landed.json"


class Landed(Document):
    """The commit, and what it released."""

    commit: str | None
    releases: tuple[Release, ...]


def write_landed(results: Path, landed: Landed) -> None:
    """Leave it for the rollout, whole or not at all."""
    atomic.write_text(results / _NAME, landed.model_dump_json(indent=2) + "\n")


def read_landed(results: Path) -> Landed:
    """What landed; nothing when no hand-off was made."""
    path = results / _NAME
    if not path.exists():
        return Landed(commit=None, releases=())
    return Landed.model_validate_json(path.read_bytes())
