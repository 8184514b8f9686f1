"""What was built here, so that the next run builds only what changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from homeostat import atomic
from homeostat.config import Document


class Built(Document):
    """One image that was built."""

    #: the whole name without a digest
    name: str
    #: of everything that went in
    inputs: str
    #: of the manifest: what names the image in a cluster
    digest: str
    #: compressed, with the base
    size_bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Records:
    """One file for each image and inputs, below ``folder``."""

    folder: Path

    def find(self, name: str, inputs: str) -> Built | None:
        """What ``name`` became of just these inputs, if it was ever built."""
        try:
            return Built.model_validate_json(self._path(name, inputs).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def keep(self, built: Built) -> None:
        """Remember an image."""
        atomic.write_text(self._path(built.name, built.inputs), built.model_dump_json(indent=2) + "\n")

    def _path(self, name: str, inputs: str) -> Path:
        return self.folder / name.replace("/", "_").replace(":", "_") / f"{inputs}.json"
