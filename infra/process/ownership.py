"""The mark of folders that the platform made, without which nothing is ever removed."""

from __future__ import annotations

import shutil
from pathlib import Path

from infra.process.errors import NotOurs

MARKER_NAME = ".made-by-homeostat"
#: the layout of a state folder: what the set-up, the rooms and this provider put there
_LAYOUT = frozenset(
    {
        *(MARKER_NAME, "ports.json", "revisions", "supervisor.json", "supervisor.lock"),
        *("bootstrap", "cache", "demo", "environments", "forge", "logs", "manifests", "pipeline"),
        *("programs", "queue", "reports", "results", "secrets", "services", "store", "targets"),
        "test-programs",
    }
)


def claim(state: Path) -> None:
    """Make the state folder, and mark it as ours unless it holds what the platform didn't make."""
    state.mkdir(parents=True, exist_ok=True)
    if all(entry.name in _LAYOUT for entry in state.iterdir()):
        (state / MARKER_NAME).write_text("Made by Homeostat; 'homeostat process down --purge' removes it.\n")


def require_ours(state: Path) -> None:
    """Make sure that the platform made this folder.

    Raises:
        NotOurs: when the folder has no mark.
    """
    if not (state / MARKER_NAME).is_file():
        raise NotOurs(
            f"{state} has no file {MARKER_NAME}, so it may hold what the platform didn't make: kept."
        )


def purge(state: Path) -> None:
    """Remove the state folder with everything in it.

    Raises:
        NotOurs: when the folder has no mark.
    """
    require_ours(state)
    shutil.rmtree(state)
