"""JSON with the line of every part; what is broken off in the middle is kept as far as it goes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from triage.evidence.files.located import Located
from triage.evidence.kubernetes.statement import Path
from triage.evidence.tail import RawLine

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
#: of values below each other; deeper ones are nobody's evidence
_DEEPEST = 60
_MOST_PIECES = 400_000


@dataclass(slots=True)
class _Reading:
    pieces: Iterator[tuple[str, int]]
    lines: dict[Path, int] = field(default_factory=dict[Path, int])
    #: how many of the text's lines the value spans
    last: int = 0


class _BrokenError(ValueError):
    """The text ends, or is no JSON, at this point."""


def read_json(
    lines: Sequence[RawLine], first: int = 0, most_pieces: int = _MOST_PIECES
) -> tuple[Located, int] | None:
    """The value that begins on the line at ``first`` and how many lines it takes; None where none does.

    ``most_pieces`` bounds the reading, since a text can begin a value on every line and never end one.
    """
    reading = _Reading(_pieces(lines, first, most_pieces), last=first)
    try:
        piece, at = next(reading.pieces)
        if piece not in "{[":
            return None
        value = _value(reading, piece, at, (), lines)
    except (StopIteration, _BrokenError):
        return None
    return Located(value, reading.lines), reading.last + 1 - first


def _pieces(lines: Sequence[RawLine], first: int, most: int) -> Iterator[tuple[str, int]]:
    count = 0
    for at in range(first, len(lines)):
        for match in _PIECE.finditer(lines[at].raw):
            count += 1
            if count > most:
                return
            yield match.group(), at


def _value(reading: _Reading, piece: str, at: int, path: Path, lines: Sequence[RawLine]) -> Any:
    reading.lines.setdefault(path, lines[at].number)
    reading.last = max(reading.last, at)
    if len(path) > _DEEPEST:
        raise _BrokenError
    if piece == "{":
        return _mapping(reading, path, lines)
    if piece == "[":
        return _list(reading, path, lines)
    try:
        return json.loads(piece)
    except ValueError:
        raise _BrokenError from None


def _mapping(reading: _Reading, path: Path, lines: Sequence[RawLine]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while True:
        piece, at = next(reading.pieces)
        if piece == "}":
            reading.last = max(reading.last, at)
            return found
        if piece == ",":
            continue
        if not piece.startswith('"') or next(reading.pieces)[0] != ":":
            raise _BrokenError
        name = str(_scalar(piece))
        reading.lines.setdefault((*path, name), lines[at].number)
        piece, at = next(reading.pieces)
        found[name] = _value(reading, piece, at, (*path, name), lines)


def _list(reading: _Reading, path: Path, lines: Sequence[RawLine]) -> list[Any]:
    found: list[Any] = []
    while True:
        piece, at = next(reading.pieces)
        if piece == "]":
            reading.last = max(reading.last, at)
            return found
        if piece != ",":
            found.append(_value(reading, piece, at, (*path, len(found)), lines))


def _scalar(piece: str) -> Any:
    try:
        return json.loads(piece)
    except ValueError:
        raise _BrokenError from None
