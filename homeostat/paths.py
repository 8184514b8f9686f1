"""Where things lie: the repository, and the one folder that the platform writes on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from homeostat.errors import MachineError

STATE_VARIABLE = "HOMEOSTAT_STATE"
ROOT_VARIABLE = "HOMEOSTAT_ROOT"


def repository_root(start: Path | None = None) -> Path:
    """Find the repository: ``HOMEOSTAT_ROOT``, or the first parent of ``start`` that holds ``model-source``.

    Raises:
        MachineError: when no parent looks like the repository.
    """
    if given := os.environ.get(ROOT_VARIABLE):
        return Path(given).resolve()
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "model-source").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    raise MachineError(f"{here} is not inside the platform's repository: run this from a clone of it.")


def state_directory(root: Path) -> Path:
    """The folder for all that the platform makes: ``HOMEOSTAT_STATE``, else ``.homeostat`` in the clone."""
    given = os.environ.get(STATE_VARIABLE)
    return Path(given).resolve() if given else root / ".homeostat"
