"""A tool's report as JSON inside a text: its value, and the line on which a part of it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from triage.evidence.pipeline.run_line import RunLine

_DECODER = json.JSONDecoder()
#: the report itself, so that a log with JSON lines is not decoded line by line for nothing
_OPENS = re.compile(r"^[\[{]\s*$|^[\[{]\s*[\[{\"]")


@dataclass(slots=True)
class JsonReport:
    """One value and its lines; :meth:`line_with` goes on from where it found the last part."""

    value: object
    lines: Sequence[RunLine]
    _cursor: int = 0

    def line_with(self, *words: str) -> RunLine:
        """The next line that holds all ``words``, else the next with the first, else the report's first."""
        for wanted in (words, words[:1]):
            for at in range(self._cursor, len(self.lines)):
                if all(word in self.lines[at].text for word in wanted):
                    self._cursor = at
                    return self.lines[at]
        return self.lines[0]

    def passed(self) -> None:
        """Let the next search begin behind the line that was found, unless all stands on one."""
        self._cursor = min(self._cursor + 1, len(self.lines) - 1)


def json_reports(lines: Sequence[RunLine], mark: str) -> Iterable[JsonReport]:
    """Every JSON value in the text in which ``mark`` stands."""
    at = 0
    while at < len(lines):
        if not _OPENS.match(lines[at].text):
            at += 1
            continue
        used = _decoded(lines, at, mark)
        if used is None:
            at += 1
            continue
        value, count = used
        part = lines[at : at + count]
        if any(mark in line.text for line in part):
            yield JsonReport(value, part)
        at += count


def _decoded(lines: Sequence[RunLine], at: int, mark: str) -> tuple[object, int] | None:
    # a value on one line is the common case, and joining the rest of the text for each would be quadratic
    first = lines[at].text
    if first.rstrip().endswith(("}", "]")):
        try:
            return json.loads(first), 1
        except (ValueError, RecursionError):
            pass
    if not any(mark in line.text for line in lines[at : at + 400_000]):
        return None
    text = "\n".join(line.text for line in lines[at:])
    try:
        value, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return value, text.count("\n", 0, end) + 1


def mapping(value: object) -> Mapping[str, object]:
    """The value as a mapping; empty when it is none."""
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def sequence(value: object) -> Sequence[object]:
    """The value as a list; empty when it is none."""
    return cast("Sequence[object]", value) if isinstance(value, list) else ()


def text(value: object) -> str:
    """The value as text; empty for nothing and for what has parts."""
    return str(value) if isinstance(value, str | int | float) else ""
