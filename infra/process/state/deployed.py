"""The deployed revision: what ``main`` of the local forge says is what runs.

Its ``manifests/`` are exported into a folder named after the commit. The link ``manifests`` is swapped to it
once its services are taken up: a reader sees one revision or the other and never a mixture, and what can't be
taken up is never what is deployed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from homeostat.errors import HomeostatError

BRANCH = "refs/heads/main"
_FOLDER = "manifests"
#: revisions, a few small files each: a service whose rollout failed still runs from an earlier one
KEPT = 100


class DeployError(HomeostatError):
    """The forge's main can't be read; what ran before runs on."""


def head(forge: Path) -> str | None:
    """The commit that ``main`` of the forge points to; None while there is none."""
    if not forge.is_dir():
        return None
    ran = _git(forge, "rev-parse", "--quiet", "--verify", f"{BRANCH}^{{commit}}")
    return ran.stdout.decode().strip() or None


def deployed(link: Path) -> str | None:
    """The commit that ``link`` leads to; None while nothing is deployed."""
    return link.readlink().name if link.is_dir() and link.is_symlink() else None


def export(forge: Path, commit: str, link: Path) -> Path:
    """The folder with the manifests of ``commit``, beside ``link``; made when it is missing.

    Raises:
        DeployError: when they can't be exported.
    """
    revisions = link.parent / "revisions"
    revisions.mkdir(parents=True, exist_ok=True)
    exported = revisions / commit
    if not exported.is_dir():
        _export(forge, commit, exported)
    return exported


def deploy(exported: Path, link: Path) -> None:
    """Make ``link`` lead to ``exported``, and forget the oldest revisions."""
    revisions = exported.parent
    swapped = link.with_name(f".{link.name}.{os.getpid()}")
    swapped.unlink(missing_ok=True)
    swapped.symlink_to(Path(revisions.name) / exported.name)
    swapped.replace(link)
    exported.touch()
    for old in sorted(revisions.iterdir(), key=lambda path: path.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _export(forge: Path, commit: str, exported: Path) -> None:
    with tempfile.TemporaryDirectory(dir=exported.parent, prefix=".unfinished-") as name:
        work = Path(name)
        (work / _FOLDER).mkdir()
        # asked first, so that a commit without manifests is told from one that can't be read
        if _export_git(forge, commit, "ls-tree", "--name-only", commit, "--", _FOLDER):
            # a link in a pushed commit is written as a plain file, so that it can lead nowhere
            plain = ("-c", "core.symlinks=false", f"--work-tree={work}")
            index = work / "index"
            _export_git(forge, commit, *plain, "checkout", "--quiet", commit, "--", _FOLDER, index=index)
        (work / _FOLDER).rename(exported)


def _export_git(forge: Path, commit: str, *arguments: str, index: Path | None = None) -> bytes:
    ran = _git(forge, *arguments, index=index)
    if ran.returncode != 0:
        words = ran.stderr.decode(errors="replace").strip()
        raise DeployError(f"the manifests of {commit[:12]} can't be exported: {words}.")
    return ran.stdout


def _git(forge: Path, *arguments: str, index: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    if index:
        environment["GIT_INDEX_FILE"] = str(index)
    return subprocess.run(
        ["git", f"--git-dir={forge}", *arguments],
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=60,
        env=environment,
    )
