"""Run a checking program for a bounded time, and find those that may not be there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

#: what would make a program under test act on the platform that checks it
_OF_THE_PLATFORM = (
    "HOMEOSTAT_ROOT",
    "HOMEOSTAT_STATE",
    "MLFLOW_TRACKING_URI",
    "MAKEFLAGS",
    "MAKELEVEL",
    "MFLAGS",
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended."""

    #: None when it was stopped because its time was over
    code: int | None
    output: str
    #: standard error, where it was asked for apart
    errors: str = ""


def run(
    argv: Sequence[str], where: Path, timeout_seconds: float, extra: Mapping[str, str] | None = None
) -> Ended:
    """Run ``argv`` in ``where`` with its output in one string."""
    return _run(argv, where, timeout_seconds, extra or {}, subprocess.STDOUT)


def run_apart(argv: Sequence[str], where: Path, timeout_seconds: float, extra: Mapping[str, str]) -> Ended:
    """Like :func:`run`, with standard error apart, for programs whose output is JSON."""
    return _run(argv, where, timeout_seconds, extra, subprocess.PIPE)


def _run(
    argv: Sequence[str], where: Path, timeout_seconds: float, extra: Mapping[str, str], errors: int
) -> Ended:
    environment = {name: value for name, value in os.environ.items() if name not in _OF_THE_PLATFORM}
    with subprocess.Popen(
        list(argv),
        cwd=where,
        env=environment | dict(extra),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            output, told = process.communicate(timeout=timeout_seconds)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            output, told = process.communicate()
            return Ended(None, output, told or "")
    return Ended(process.returncode, output, told or "")


def find(name: str, *folders: Path) -> Path | None:
    """The program ``name`` in one of ``folders`` or on PATH; None when it is not installed."""
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)])
    found = shutil.which(name, path=path)
    return Path(found) if found else None
