"""What git knows about the code that trains."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from homeostat.errors import MachineError


def source_commit(root: Path) -> str:
    """The commit that is checked out in ``root``.

    Raises:
        MachineError: when ``root`` is no git checkout with a commit, or git is missing.
    """
    return _git(root, "rev-parse", "--verify", "HEAD").strip()


def is_modified(root: Path) -> bool:
    """Whether files differ from that commit, so that the commit alone does not tell what trained."""
    return bool(_git(root, "status", "--porcelain").strip())


def files(root: Path, paths: Sequence[str]) -> Sequence[str]:
    """The files below ``paths`` that git tracks or would track, as they lie in the working tree now."""
    listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *paths)
    return sorted({name for name in listed.split("\0") if name and (root / name).is_file()})


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        raise MachineError(
            "git is not installed, and training records the commit that it trained."
        ) from error
    except subprocess.CalledProcessError as error:
        reason = str(error.stderr).strip().splitlines()[-1:] or ["no reason given"]
        raise MachineError(f"git {arguments[0]} failed in {root}: {reason[0]}") from error
    return done.stdout
