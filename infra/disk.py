"""Room on the disk: named before it runs out, and when it has."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

MEBIBYTE = 1024**2
#: below this the platform still starts, and says so
COMFORT_BYTES = 1024 * MEBIBYTE
#: below this nothing can be relied on
LEAST_BYTES = 32 * MEBIBYTE


def free_bytes(folder: Path) -> int:
    """What an ordinary user may still write on the disk that holds ``folder``."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(existing).free


def warning(folder: Path) -> str | None:
    """One sentence when the disk that holds ``folder`` is full or nearly so."""
    free = free_bytes(folder)
    if free >= COMFORT_BYTES:
        return None
    kind = "is full" if free < LEAST_BYTES else "is nearly full"
    return f"the disk that holds {folder} {kind} ({free // MEBIBYTE} MiB free; 1 GiB is comfortable)."


def is_full(error: OSError) -> bool:
    """Whether ``error`` says that the disk, or this user's share of it, is used up."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT}


def explain(error: OSError, folder: Path) -> str:
    """``error`` as a sentence; a full disk is called a full disk."""
    if is_full(error):
        return f"the disk that holds {folder} is full."
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}."
