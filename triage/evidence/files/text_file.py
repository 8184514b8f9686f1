"""One file of a folder of evidence: its lines with their own numbers, or why there are none."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.evidence.item import EvidenceStatus
from triage.evidence.tail import RawLine, numbered

#: of one file, its end is read; logs tell there what happened, and nothing else grows so large
MOST_BYTES = 6 << 20
_LOOKED_AT = 8 << 10
#: of a file, so much is read again to compare a quote with it
_MOST_COMPARED = 64 << 20
#: so many bytes that no text has, of those looked at, make a file binary
_FEW = 0.02
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNWRITTEN = bytes(one for one in range(32) if one not in b"\t\n\r\x0c\x08\x1b")


@dataclass(frozen=True, slots=True)
class TextFile:
    """See the module's docstring; ``name`` is relative to the folder."""

    name: str
    status: EvidenceStatus
    lines: Sequence[RawLine] = ()
    note: str = ""


def read_text(path: Path, name: str, most_bytes: int = MOST_BYTES) -> TextFile:
    """The file as text, by its byte-order mark, as UTF-8 or as Windows wrote it; never an exception."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(0)
            head = stream.read(_LOOKED_AT)
            if _is_binary(head):
                return TextFile(name, EvidenceStatus.ERROR, note="is no text")
            start = max(0, size - most_bytes)
            stream.seek(0)
            skipped = stream.read(start).count(b"\n") if start else 0
            content = stream.read(most_bytes)
    except OSError as error:
        return TextFile(name, EvidenceStatus.ERROR, note=f"can't be read: {error.strerror}")
    text = _decoded(content, head)
    if not text.strip():
        return TextFile(name, EvidenceStatus.EMPTY, note="holds nothing")
    lines = numbered(text.removesuffix("\n").split("\n"), 1 + skipped)
    note = f"truncated to its last {most_bytes >> 20} MB" if start else ""
    return TextFile(name, EvidenceStatus.OK, lines[1:] if start else lines, note)


def original_line(path: Path, number: int) -> str:
    """The line of that number as it stands in the file, or the empty string."""
    try:
        with path.open("rb") as stream:
            head = stream.read(_LOOKED_AT)
            stream.seek(0)
            lines = _decoded(stream.read(_MOST_COMPARED), head).split("\n")
    except OSError:
        return ""
    return lines[number - 1] if number <= len(lines) else ""


def _decoded(content: bytes, head: bytes) -> str:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return content.removeprefix(mark).decode(encoding, errors="replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        # a few bytes gone wrong, or cut in half, don't make it another encoding
        broken = content.decode(errors="replace")
        has_sequences = any(one > "\x7f" and one != "\ufffd" for one in broken)
        return broken if has_sequences else content.decode("cp1252", errors="replace")


def _is_binary(head: bytes) -> bool:
    if any(head.startswith(mark) for mark, _ in _MARKS):
        return False
    unwritten = len(head) - len(head.translate(None, _UNWRITTEN))
    return unwritten > _FEW * len(head)
