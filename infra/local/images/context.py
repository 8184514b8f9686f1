"""A build context of our own making: what an image is made of, with modes that no checkout decides."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from homeostat import digest
from infra.local.images.errors import ImageError

_COMPILED = ("__pycache__", ".pyc")
_FILE, _PROGRAM, _FOLDER = 0o644, 0o755, 0o755


@dataclass(frozen=True, slots=True)
class Context:
    """Files and folders by their place in the build context."""

    content: Mapping[str, Path]

    def digest(self) -> str:
        """One digest over all names, bytes and the right to be executed."""
        parts = ((name, digest.of_file(path) + oct(_mode(path))) for name, path in self._files())
        return digest.of_parts(parts)

    def taken(self, folder: Path) -> Context:
        """A copy in ``folder``, which stays as it is when the originals change.

        Raises:
            ImageError: when something is missing.
        """
        for name, path in self._files():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            target.chmod(_mode(path))
        for inner in folder.rglob("*"):
            if inner.is_dir():
                inner.chmod(_FOLDER)
        return Context({name: folder / name for name in self.content})

    def _files(self) -> Iterable[tuple[str, Path]]:
        for name, path in sorted(self.content.items()):
            if path.is_file():
                yield name, path
            elif path.is_dir():
                yield from _below(path, name)
            else:
                raise ImageError(f"{path} is part of an image, and there is no such file or folder.")


def _below(folder: Path, name: str) -> Iterable[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        is_compiled = _COMPILED[0] in inner.parts or path.suffix == _COMPILED[1]
        if path.is_file() and not is_compiled:
            yield f"{name}/{inner.as_posix()}", path


def _mode(path: Path) -> int:
    return _PROGRAM if os.access(path, os.X_OK) else _FILE
