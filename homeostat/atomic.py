"""Files that are either the old or the new whole, never half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_bytes(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write ``content`` beside ``path`` and rename it into place, so that a crash leaves the old file.

    Raises:
        OSError: when the disk is full or the folder can't be written; the old file then still stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_text(path: Path, content: str, mode: int = 0o644) -> None:
    """Like :func:`write_bytes`, for UTF-8 text."""
    write_bytes(path, content.encode(), mode)
