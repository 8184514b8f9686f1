"""Upstream's manifests out of the Go modules that ``tools/`` pins: the files behind their addresses."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.contract.overlays import ROOT

LIMIT_SECONDS = 300
#: as kustomize takes a file, and as it takes a folder
_ADDRESSES = (
    re.compile(r"https://raw\.githubusercontent\.com/argoproj/argo-cd/(?P<version>v[^/]+)/(?P<path>.+)"),
    re.compile(r"https://github\.com/argoproj/argo-cd//(?P<path>[^?]+)\?ref=(?P<version>v.+)"),
)
_MODULE = "github.com/argoproj/argo-cd/v3"


def local_copy(address: str) -> Path | None:
    """The file or folder behind ``address``, or None when no pinned module holds it.

    An address that names another version than the one pinned is a mistake, and an assertion error.
    """
    for pattern in _ADDRESSES:
        if found := pattern.fullmatch(address):
            version, folder = _pinned(ROOT / "tools" / "argocd", _MODULE)
            assert found["version"] == version, (
                f"{address} should name {version}, as tools/argocd/go.mod does."
            )
            return folder / found["path"]
    return None


@cache
def _pinned(family: Path, module: str) -> tuple[str, Path]:
    """Version and folder of a module; fetched when the module cache lacks it."""
    if shutil.which("go") is None:
        pytest.skip("go is not on PATH, and Argo CD's manifests lie in its Go module")
    ran = subprocess.run(
        ["go", "mod", "download", "-json", module],
        cwd=family,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=True,
    )
    told = json.loads(ran.stdout)
    return told["Version"], Path(told["Dir"])
