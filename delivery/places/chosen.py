"""Which place a state folder belongs to."""

from __future__ import annotations

from pathlib import Path

from delivery.places.place import Place
from delivery.places.process import ProcessPlace


def place_of(state: Path) -> Place:
    """The place whose state lies in ``state``."""
    return ProcessPlace(state)
