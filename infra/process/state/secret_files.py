"""Secrets of a site: random, made once, each in a file that only its owner may read."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path


def secret(folder: Path, name: str) -> str:
    """The secret ``name`` of ``folder``: 256 random bits, the same for all who ask, even at once."""
    path = folder / name
    if not path.exists():
        _make(path)
    return path.read_text(encoding="utf-8").strip()


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(secrets.token_urlsafe(32))
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):  # somebody was faster: their secret is the secret
            path.hardlink_to(temporary)
    finally:
        temporary.unlink()
