"""SHA-256 of files and folders: the names by which artifacts are known from gate to endpoint."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def of_bytes(content: bytes) -> str:
    """Lower-case hexadecimal SHA-256 of ``content``."""
    return hashlib.sha256(content).hexdigest()


def of_file(path: Path) -> str:
    """Lower-case hexadecimal SHA-256 of the file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def of_parts(parts: Iterable[tuple[str, str]]) -> str:
    """One digest over named digests, independent of their order.

    >>> of_parts([("a", "1"), ("b", "2")]) == of_parts([("b", "2"), ("a", "1")])
    True
    """
    lines = "".join(f"{name}\0{value}\n" for name, value in sorted(parts))
    return of_bytes(lines.encode())


def of_tree(folder: Path) -> str:
    """One digest over the relative names and bytes of every file below ``folder``."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return of_parts((path.relative_to(folder).as_posix(), of_file(path)) for path in files)
