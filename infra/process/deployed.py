"""The deployed revision: what ``main`` of the local forge says is what runs.

Its ``manifests/`` are exported into a folder named after the commit, and the link ``manifests`` is swapped to
it, so that a reader sees one revision or the other and never a mixture.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
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


def deploy(forge: Path, commit: str, link: Path) -> None:
    """Make ``link`` lead to the manifests of ``commit``.

    Raises:
        DeployError: when the commit's manifests can't be exported.
    """
    revisions = link.parent / "revisions"
    revisions.mkdir(parents=True, exist_ok=True)
    exported = revisions / commit
    if not exported.is_dir():
        _export(forge, commit, exported)
    swapped = link.with_name(f".{link.name}.{os.getpid()}")
    swapped.unlink(missing_ok=True)
    swapped.symlink_to(Path("revisions") / commit)
    swapped.replace(link)
    exported.touch()
    for old in sorted(revisions.iterdir(), key=lambda path: path.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _export(forge: Path, commit: str, exported: Path) -> None:
    with tempfile.TemporaryDirectory(dir=exported.parent, prefix=".unfinished-") as name:
        work = Path(name)
        (work / _FOLDER).mkdir()
        if _git(forge, "cat-file", "-e", f"{commit}:{_FOLDER}").returncode == 0:
            archive = _git(forge, "archive", "--format=tar", commit, _FOLDER)
            if archive.returncode != 0:
                words = archive.stderr.decode(errors="replace").strip()
                raise DeployError(f"the manifests of {commit[:12]} can't be exported: {words}.")
            with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as content:
                content.extractall(work, filter="data")
        (work / _FOLDER).rename(exported)


def _git(forge: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        ["git", f"--git-dir={forge}", *arguments],
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=60,
        env=environment,
    )
