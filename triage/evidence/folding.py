"""Folding: of many log lines with one shape the first and the last few are kept, the rest is counted.

Around what went wrong nothing is folded as long as there is room: the lines before an error often say why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.evidence.item import Line
from triage.evidence.log_record import LogRecord
from triage.evidence.tail import RawLine

#: of each shape, this many are shown at either end
_ENDS = 2
#: of the lines around an error, this many on either side
_AROUND = 2
#: errors at either end of the log whose surroundings are shown
_MOST_SURROUNDED = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """A log line within the window: where it stands, what it says and when it was said.

    A line without a time of its own, as in a traceback, has the time of the line before it.
    """

    line: RawLine
    record: LogRecord
    at: datetime | None


def folded(entries: Sequence[Entry], most: int) -> Sequence[Line]:
    """At most ``most`` lines: severe shapes, both ends, notable shapes, what surrounds errors, the rest."""
    if len(entries) <= min(most, 2 * _ENDS):
        return [_shown(entry, 0) for entry in entries]
    hidden = _hidden(entries)
    kept: set[int] = set()
    for index in _by_weight(entries, hidden):
        if len(kept) == most:
            break
        kept.add(index)
    return [_shown(entries[index], hidden.get(index, 0)) for index in sorted(kept)]


def _by_weight(entries: Sequence[Entry], ends: dict[int, int]) -> Iterable[int]:
    """Indices, the most telling first; among equals the latest, since it is nearest to the alert."""
    latest = sorted(ends, reverse=True)
    yield from (index for index in latest if _weight(entries[index].record) == 0)
    yield from (0, len(entries) - 1)
    yield from (index for index in latest if _weight(entries[index].record) == 1)
    severe = [index for index, entry in enumerate(entries) if entry.record.is_severe]
    for index in dict.fromkeys((*severe[-_MOST_SURROUNDED:][::-1], *severe[:_MOST_SURROUNDED])):
        yield from range(max(0, index - _AROUND), min(len(entries), index + _AROUND + 1))
    yield from latest


def _hidden(entries: Sequence[Entry]) -> dict[int, int]:
    """The ends of each shape; the last one before the gap says how many alike it stands for."""
    shapes: dict[str, list[int]] = {}
    for index, entry in enumerate(entries):
        shapes.setdefault(entry.record.template, []).append(index)
    found: dict[int, int] = {}
    for group in shapes.values():
        if len(group) <= 2 * _ENDS:
            found |= dict.fromkeys(group, 0)
        else:
            found |= dict.fromkeys((*group[:_ENDS], *group[-_ENDS:]), 0)
            found[group[_ENDS - 1]] = len(group) - 2 * _ENDS
    return found


def _shown(entry: Entry, similar: int) -> Line:
    return Line(number=entry.line.number, text=entry.line.text, similar=similar)


def _weight(record: LogRecord) -> int:
    if record.is_severe:
        return 0
    return 1 if record.is_notable or record.event == "model_loaded" else 2
