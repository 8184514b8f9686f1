"""Which models' inputs differ from those of the release that git says is deployed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ct.data.rows import checked_rows
from ct.inputs import inputs_digest
from ct.spec import find_spec, models
from homeostat.errors import HomeostatError
from homeostat.release import read_release, release_path


@dataclass(frozen=True, slots=True)
class Change:
    """One model that must be trained."""

    model: str
    reason: str


def changed_models(root: Path) -> tuple[Change, ...]:
    """The models to train; one whose data can't be read now is among them, so that training tells why."""
    found = ((model, _reason(root, model)) for model in models(root))
    return tuple(Change(model, reason) for model, reason in found if reason)


def _reason(root: Path, model: str) -> str | None:
    """Why ``model`` must be trained, or None."""
    path = release_path(root, model)
    if not path.is_file():
        return "it has no release yet"
    try:
        _, data_sha256 = checked_rows(find_spec(root, model), root)
    except HomeostatError as error:
        return f"its data can't be used: {error}"
    if inputs_digest(root, model, data_sha256) != read_release(path).inputs_digest:
        return "its inputs differ from those of its release"
    return None
