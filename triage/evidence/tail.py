"""The end of a file, bounded in bytes, with the lines' original numbers and without secrets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from homeostat.redaction import redact

_CHUNK_BYTES = 1 << 20
#: of one line: what is kept of it, and what is searched for secrets, so that none is kept that the cut halves
_MOST_CHARACTERS = 4_000
_MOST_SEARCHED = 4 * _MOST_CHARACTERS
#: a name and its secret may stand on lines below each other, with the sign between them on a third
_LINES_OF_A_SECRET = 3
#: what terminals understand and readers don't: colours, titles, cursor movements, bells
CONTROL = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[@-Z\\^_=>]"
    r"|[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f]"
)


class RawLine:
    """A line twice: ``raw`` to be understood, ``text`` (redacted, cut where it is very long) to be kept.

    Most lines are read and not kept, so one is redacted only when it is asked for.
    """

    __slots__ = ("_at", "_source", "number", "raw")

    def __init__(self, number: int, raw: str, source: Redacted, at: int) -> None:
        self.number = number
        self.raw = raw
        self._source = source
        self._at = at

    @property
    def text(self) -> str:
        """The line as it may leave."""
        return self._source.line(self._at)

    def __repr__(self) -> str:
        """The number and the redacted text."""
        return f"RawLine({self.number}, {self.text!r})"


class Redacted:
    """The lines of one text without secrets.

    A private key spans any number of lines; a text that holds one is redacted as a whole. Everything else
    that is a secret spans few, so a line is redacted together with those before it.
    """

    def __init__(self, raw: Sequence[str]) -> None:
        self._raw = raw
        self._whole: Sequence[str] | None = None
        if any("PRIVATE KEY" in line for line in raw):
            self._whole = redact("\n".join(line[:_MOST_SEARCHED] for line in raw)).split("\n")

    def line(self, at: int) -> str:
        """The line at that index, from zero."""
        if self._whole is not None:
            return self._whole[at][:_MOST_CHARACTERS]
        text = self._raw[at][:_MOST_SEARCHED]
        above: list[str] = []
        for _ in range(_LINES_OF_A_SECRET):
            # anew with each line more, since a name may also be the secret of the name above it
            text = redact("\n".join((*above, text))).rsplit("\n", 1)[-1]
            at = self._telling_above(at)
            if at < 0:
                break
            above.insert(0, self._raw[at][:_MOST_SEARCHED])
        return text[:_MOST_CHARACTERS]

    def _telling_above(self, at: int) -> int:
        """The next line above that says something; -1 where there is none."""
        at -= 1
        while at >= 0 and not self._raw[at].strip():
            at -= 1
        return at


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
    """The lines with their numbers, without secrets and without what only terminals understand."""
    readable = [_readable(line) for line in raw]
    source = Redacted(readable)
    return [RawLine(first + at, line, source, at) for at, line in enumerate(readable)]


def _readable(line: str) -> str:
    if line.isprintable():
        return line
    line = line.rstrip("\r")
    # a bar of progress is drawn again and again on one line; the last drawing stands
    line = line.rsplit("\r", 1)[-1] if "\r" in line else line
    return CONTROL.sub("", line)


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
