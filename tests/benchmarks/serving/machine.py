"""Where a run takes place, and of which programs: without it figures say nothing."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.serving.cores import Cores
from tests.benchmarks.serving.environments import PEERS, ROOT
from tests.benchmarks.serving.results import Machine

#: libraries that decide about speed, and peers
_OURS = ("scikit-learn", "xgboost", "onnxruntime", "numpy", "orjson", "uvicorn")
_THEIRS = {
    "kserve": "kserve",
    "mlserver": "mlserver",
    "mlflow": "mlflow",
    "bentoml": "bentoml",
    "fastapi": "fastapi",
}


def describe(cores: Cores, load_before: float) -> Machine:
    """This machine."""
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        memory_bytes=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
        system=f"Linux {platform.release()}",
        python=platform.python_version(),
        client_core=cores.client,
        server_core=cores.server,
        cores_relation=cores.relation,
        load_before=load_before,
    )


def versions() -> Mapping[str, str]:
    """Of the libraries that all servers share, and of the peers as their requirements pin them."""
    return {name: version(name) for name in _OURS} | {
        package: _pinned(PEERS / peer / "requirements.txt", package) for peer, package in _THEIRS.items()
    }


def commit() -> str:
    """The checkout's commit, marked where files differ from it."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "unknown"


def _pinned(lock: Path, package: str) -> str:
    found = re.search(rf"^{package}==([^\s;]+)", lock.read_text("utf-8"), re.MULTILINE)
    return found[1] if found else "unknown"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next(
        (line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine()
    )
