"""The end of a file, bounded in bytes, with the lines' original numbers and without secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from homeostat.redaction import redact

_CHUNK_BYTES = 1 << 20
#: of one line: what is kept of it, and what is searched for secrets, so that none is kept that the cut halves
_MOST_CHARACTERS = 4_000
_MOST_SEARCHED = 4 * _MOST_CHARACTERS


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line twice: ``raw`` to be understood, ``text`` (redacted, cut where it is very long) to be kept."""

    number: int
    raw: str
    text: str


def tail(path: Path, most_bytes: int) -> Sequence[RawLine]:
    """The whole lines within the last ``most_bytes`` of the file.

    Raises:
        OSError: when the file can't be read.
    """
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        start = max(0, size - most_bytes)
        first = 1 + _newlines_before(stream, start)
        # what is appended meanwhile belongs to the next report
        content = stream.read(size - start)
    text = content.decode(errors="replace")
    lines = numbered(text.removesuffix("\n").split("\n") if text else [], first)
    return lines[1:] if start else lines


def numbered(raw: Sequence[str], first: int = 1) -> Sequence[RawLine]:
    """The lines with their numbers and without secrets."""
    # the whole text at once, since a private key spans lines; redaction keeps their number
    clean = redact("\n".join(line[:_MOST_SEARCHED] for line in raw)).split("\n")
    return [
        RawLine(first + at, one, other[:_MOST_CHARACTERS])
        for at, (one, other) in enumerate(zip(raw, clean, strict=False))
    ]


def _newlines_before(stream: BinaryIO, end: int) -> int:
    """Count the newlines in the first ``end`` bytes and leave the stream there."""
    stream.seek(0)
    count = 0
    left = end
    while left:
        chunk = stream.read(min(_CHUNK_BYTES, left))
        if not chunk:
            break
        count += chunk.count(b"\n")
        left -= len(chunk)
    return count
