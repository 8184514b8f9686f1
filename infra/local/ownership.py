"""The mark of the cluster's folder, without which nothing is ever removed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from infra.local.errors import NotOurs
from infra.local.place import Place

#: what images and other preparations may have put there before the first start
_EARLY = frozenset({"images", "forge", "secrets"})
MARKER = ".made-by-homeostat"
_TEXT = "Made by Homeostat; 'homeostat cluster down --provider local' removes it.\n"


def claim(place: Place) -> Sequence[str]:
    """Make the cluster's folder and mark it as ours; return what was made.

    Raises:
        NotOurs: when the folder holds what the platform didn't make.
    """
    marker = place.folder / MARKER
    if marker.exists():
        return []
    place.folder.mkdir(parents=True, exist_ok=True)
    if others := sorted({entry.name for entry in place.folder.iterdir()} - _EARLY):
        raise NotOurs(f"{place.folder} holds what no cluster put there ({others[0]}): move it away.")
    marker.write_text(_TEXT, encoding="utf-8")
    return [str(place.folder)]


def remove(place: Place) -> Sequence[str]:
    """Remove the cluster's folder with everything in it; return what was removed.

    Raises:
        NotOurs: when the folder has no mark.
    """
    if not place.folder.exists():
        return []
    if not (place.folder / MARKER).exists():
        raise NotOurs(f"{place.folder} has no file {MARKER}, so it may hold what is not ours: kept.")
    shutil.rmtree(place.folder)
    return [str(place.folder)]
