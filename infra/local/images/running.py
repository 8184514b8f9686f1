"""Run one program of image making: its words go to a log, and a failure is one sentence that names it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.local.images.errors import ImageError

#: before a command: what it mounts is gone when it ends, however it ends
OWN_MOUNTS = ("unshare", "--mount", "--propagation=private")
#: how apt and pip begin the line that tells why
_TELLING = ("E:", "ERROR:")
#: what buildah and its children print below it
_NOISE = ("time=", "level=", "subprocess exited", "Error: building at STEP")


def run(
    command: Sequence[str | Path],
    log: Path,
    *,
    what: str,
    limit_seconds: float,
    variables: Mapping[str, str] | None = None,
) -> None:
    """Run ``command`` and append what it says to ``log``.

    Args:
        command: the program and its arguments.
        log: gets everything that it prints.
        what: for the sentence about a failure, such as "building homeostat/triage".
        limit_seconds: after which it is given up.
        variables: beside those of this process.

    Raises:
        ImageError: when it fails, is missing or takes too long.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        with log.open("ab") as stream:
            ended = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(variables or {})},
                timeout=limit_seconds,
                check=False,
            )
    except FileNotFoundError:
        raise ImageError(f"{what} needs {Path(command[0]).name}, which is not on PATH.") from None
    except subprocess.TimeoutExpired:
        raise ImageError(f"{what} took longer than {limit_seconds:.0f} s; see {log}.") from None
    if ended.returncode != 0:
        raise ImageError(f"{what} failed: {reason(log.read_text(errors='replace'))} (see {log})")


def reason(said: str) -> str:
    r"""The line that tells why, among those that were printed.

    >>> reason("Reading package lists...\nE: Unable to locate package x\nerror: building: exit status 100")
    'E: Unable to locate package x'
    """
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(_TELLING)]
    others = [line for line in lines if not line.startswith(_NOISE)]
    return (telling or others or lines or ["it said nothing."])[-1][:300]
