"""The text files of a folder, bounded in number and size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from homeostat.errors import ConfigError
from triage.evidence.files.text_file import MOST_BYTES, TextFile, read_text
from triage.evidence.item import EvidenceStatus

_MOST_FILES = 200
_MOST_BYTES_OF_ALL = 32 << 20


def read_folder(folder: Path) -> Sequence[TextFile]:
    """Every file below ``folder``, by name; hidden ones are not what a person saved.

    Raises:
        ConfigError: when there is no such folder, or no file in it.
    """
    if not folder.is_dir():
        raise ConfigError(folder, ["is no folder; --evidence names a folder of text files."])
    paths = sorted(path for path in folder.rglob("*") if _is_evidence(path.relative_to(folder)))
    paths = [path for path in paths if path.is_file()]
    if not paths:
        raise ConfigError(folder, ["holds no file; --evidence names a folder of text files."])
    files: list[TextFile] = []
    left = _MOST_BYTES_OF_ALL
    for path in paths:
        name = path.relative_to(folder).as_posix()
        if len(files) >= _MOST_FILES or left <= 0:
            files.append(TextFile(name, EvidenceStatus.ERROR, note="not read: there is too much before it"))
            continue
        files.append(read_text(path, name, min(MOST_BYTES, left)))
        left -= min(_size(path), MOST_BYTES)
    return files


def _is_evidence(relative: Path) -> bool:
    return not any(part.startswith(".") for part in relative.parts)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
