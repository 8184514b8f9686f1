"""The services' logs: one file each, bounded in size, so that a talkative service can't fill the disk.

Services append to their file themselves, so a full file is copied aside and emptied in place; the few lines
that are written between the two are the price for not standing between a service and its log.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from infra.disk import MEBIBYTE

LARGEST_BYTES = 20 * MEBIBYTE
#: of the logs of services that no longer run, together
FORMER_BYTES = 100 * MEBIBYTE
#: how much of the end of a log is read for its last lines
_TAIL_BYTES = 64 * 1024


def log_path(folder: Path, service: str) -> Path:
    """Where the output of ``service`` goes."""
    return folder / f"{service}.log"


def open_log(folder: Path, service: str) -> int:
    """A file descriptor that appends to the log of ``service``."""
    folder.mkdir(parents=True, exist_ok=True)
    return os.open(log_path(folder, service), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)


def last_lines(path: Path, count: int) -> list[str]:
    """The last ``count`` lines of a log; none when there is no such log."""
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, path.stat().st_size - _TAIL_BYTES))
            text = stream.read().decode(errors="replace")
    except OSError:
        return []
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-count:] if count > 0 else []


def bound(
    folder: Path, running: Sequence[str], largest_bytes: int = LARGEST_BYTES, former_bytes: int = FORMER_BYTES
) -> None:
    """Rotate logs that grew beyond ``largest_bytes``; drop the oldest ones of services that are gone."""
    for path in folder.glob("*.log"):
        if path.stat().st_size > largest_bytes:
            _rotate(path)
    former = [path for path in folder.glob("*.log*") if path.name.split(".log")[0] not in running]
    former.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    kept = 0
    for path in former:
        kept += path.stat().st_size
        if kept > former_bytes:
            path.unlink()


def _rotate(path: Path) -> None:
    old = path.with_name(f"{path.name}.1")
    try:
        old.unlink(missing_ok=True)  # first, so that its space serves the copy
        shutil.copyfile(path, old)
    except OSError:
        old.unlink(missing_ok=True)  # the bound holds even when nothing can be kept
    os.truncate(path, 0)
