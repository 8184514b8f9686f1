"""What the doctor asks about this machine: the programs that everything needs, and room on the disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from homeostat.doctor import Checkup, Finding, Level
from infra import disk
from infra.programs.obtain import cache_folder

_INSTALL = "Install it with the machine's package manager."


def checkups(root: Path, state: Path) -> Iterable[Checkup]:
    """The programs, then the disks."""
    _ = root
    return [
        *(Checkup(f"program {name}", partial(_required, name)) for name in ("git", "make")),
        Checkup("program go", _go),
        Checkup("space for state", partial(_space, state)),
        Checkup("space for built programs", partial(_space, cache_folder())),
    ]


def _required(name: str) -> Finding:
    found = shutil.which(name)
    if found is None:
        return Finding(Level.FAILED, f"{name} is not on PATH.", _INSTALL)
    return Finding(Level.OK, f"{found}.")


def _go() -> Finding:
    found = shutil.which("go")
    if found is None:
        return Finding(
            Level.WARNING,
            "go is not on PATH: only programs that are installed or that Debian has can be used.",
            "Install Go 1.26 or newer when a program is missing.",
        )
    return Finding(Level.OK, f"{found}.")


def _space(folder: Path) -> Finding:
    free_bytes = disk.free_bytes(folder)
    if told := disk.warning(folder):
        level = Level.FAILED if free_bytes < disk.LEAST_BYTES else Level.WARNING
        return Finding(level, told, "Make room.")
    return Finding(Level.OK, f"{free_bytes // 2**30} GiB are free for {folder}.")
