"""Folding: of many log lines with one shape the first and the last few are kept, the rest is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.evidence.item import Line
from triage.evidence.log_record import LogRecord
from triage.evidence.tail import RawLine

#: of each shape, this many are shown at either end
_ENDS = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """A log line within the window: where it stands, what it says and when it was said.

    A line without a time of its own, as in a traceback, has the time of the line before it.
    """

    line: RawLine
    record: LogRecord
    at: datetime | None


def folded(entries: Sequence[Entry], most: int) -> Sequence[Line]:
    """At most ``most`` lines: the ends of each shape, the severe and the notable before the rest."""
    shapes: dict[str, list[Entry]] = {}
    for entry in entries:
        shapes.setdefault(entry.record.template, []).append(entry)
    shown: list[tuple[int, Line]] = []
    for group in shapes.values():
        shown += [(_weight(group[0].record), line) for line in _ends(group)]
    # the most telling first; among equals the latest
    kept = sorted(shown, key=lambda pair: (pair[0], -pair[1].number))[:most]
    return sorted((line for _, line in kept), key=lambda line: line.number)


def _ends(group: Sequence[Entry]) -> Sequence[Line]:
    if len(group) <= 2 * _ENDS:
        return [Line(number=entry.line.number, text=entry.line.text) for entry in group]
    hidden = len(group) - 2 * _ENDS
    kept = [*group[:_ENDS], *group[-_ENDS:]]
    return [
        Line(number=entry.line.number, text=entry.line.text, similar=hidden if at == _ENDS - 1 else 0)
        for at, entry in enumerate(kept)
    ]


def _weight(record: LogRecord) -> int:
    if record.is_severe:
        return 0
    return 1 if record.is_notable or record.event == "model_loaded" else 2
