"""Argo CD's own manifests: the files of its release, which its Go module carries.

They are pinned by ``tools/argocd/go.sum`` like the program that they install, and are kept beside the
cluster, so that a later start needs neither Go nor a network.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from homeostat.errors import MachineError
from infra.gitops.errors import InstallationError

MODULE = "github.com/argoproj/argo-cd/v3"
_PIN = re.compile(rf"^\s*(?:require\s+)?{re.escape(MODULE)}\s+(v[0-9][^\s]*)", re.MULTILINE)
_LIMIT_SECONDS = 600


def version(tools: Path) -> str:
    """The release that ``tools/argocd`` pins, such as ``v3.2.6``.

    Raises:
        InstallationError: when it pins none.
    """
    found = _PIN.search((tools / "argocd" / "go.mod").read_text(encoding="utf-8"))
    if found is None:
        raise InstallationError(f"{tools / 'argocd' / 'go.mod'} does not require {MODULE}.")
    return found[1]


def release_manifests(tools: Path, kept: Path) -> Path:
    """The folder ``manifests`` of the pinned release, kept below ``kept``.

    Raises:
        MachineError: when there is no Go to fetch the module with.
        InstallationError: when the module can't be fetched.
    """
    there = kept / version(tools)
    if not there.is_dir():
        kept.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept, prefix=".") as scratch:
            copied = Path(scratch) / "manifests"
            # the module cache is read-only, a copy of it should not be
            shutil.copytree(_module(tools) / "manifests", copied, copy_function=shutil.copyfile)
            for folder in (copied, *(path for path in copied.rglob("*") if path.is_dir())):
                folder.chmod(0o755)
            copied.rename(there)
    return there


def _module(tools: Path) -> Path:
    if shutil.which("go") is None:
        raise MachineError(f"Go is needed to fetch Argo CD's manifests ({MODULE}), and is not on PATH.")
    wanted = f"{MODULE}@{version(tools)}"
    done = subprocess.run(
        ["go", "mod", "download", "-json", wanted],
        cwd=tools / "argocd",
        capture_output=True,
        text=True,
        timeout=_LIMIT_SECONDS,
        check=False,
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["go said nothing"])[-1]
        raise InstallationError(f"{wanted} could not be fetched: {said}")
    return Path(json.loads(done.stdout)["Dir"])
