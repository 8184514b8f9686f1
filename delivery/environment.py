"""The Python environment that a commit's stages run in.

The platform's own, when the commit locks the same packages and declares the same commands; else one made by
the commit's bootstrap script, kept under a digest of both files.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from delivery.errors import StageFailed
from homeostat import digest

_DEFINED_BY = ("requirements/dev.txt", "pyproject.toml")
_KEPT = 2

#: runs a command in a folder with its output in the run's log and returns its exit code
Execute = Callable[[Sequence[str], Path], int]


def fingerprint(root: Path) -> str:
    """One digest over the files that define an environment; files that don't exist count as empty."""
    parts = ((name, digest.of_file(root / name) if (root / name).exists() else "") for name in _DEFINED_BY)
    return digest.of_parts(parts)


def environment_for(checkout: Path, platform_root: Path, environments: Path, execute: Execute) -> Path:
    """The environment for ``checkout``, made when it is missing.

    Raises:
        StageFailed: when the commit's packages could not be installed.
    """
    wanted = fingerprint(checkout)
    if wanted == fingerprint(platform_root):
        return Path(sys.prefix)
    environment = environments / wanted[:16]
    ready = environment / ".ready"
    if not ready.exists():
        path = f"PATH={Path(sys.executable).parent}:{os.environ.get('PATH', '')}"  # finds the pinned uv
        if execute(("env", path, "sh", "scripts/bootstrap.sh", str(environment)), checkout):
            raise StageFailed(
                "the environment that requirements/dev.txt of this commit locks could not be made."
            )
        ready.touch()
    os.utime(environment)
    _forget_old(environments)
    return environment


def _forget_old(environments: Path) -> None:
    by_age = sorted(environments.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in by_age[_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
