"""Reports of drift that people saved, whatever their form: observations for each statistic that they tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.evidence.drift.documents import of_json
from triage.evidence.drift.lines import observation_of
from triage.evidence.drift.prose import of_prose
from triage.evidence.drift.tables import Context, Seen, of_table, tables
from triage.evidence.drift.words import window_in
from triage.evidence.item import Observation
from triage.evidence.pipeline.run_line import NumberedText
from triage.evidence.tail import numbered

_ROWS = re.compile(r"(?i)(?<![\w.])n\s*[=:]\s*(\d[\d,]*)")
#: no report is longer, and a log is none
_MOST_LINES = 5_000
_MOST_OBSERVATIONS = 500


def observe_drift(lines: Sequence[NumberedText]) -> Sequence[Observation]:
    """``drift.statistic`` for each statistic that the text tells, in the order of its lines."""
    told = lines[:_MOST_LINES]
    first = next((line.text.lstrip() for line in told if line.text.strip()), "")
    found = _of_json(told) if first.startswith(("{", "[")) else _of_text(told)
    ordered = sorted(found, key=lambda seen: seen.line)[:_MOST_OBSERVATIONS]
    return [observation_of(seen.statistic, seen.line, texts=seen.texts) for seen in ordered]


def _of_json(lines: Sequence[NumberedText]) -> Iterable[Seen]:
    start = next(at for at, line in enumerate(lines) if line.text.strip())
    return of_json(numbered([line.text for line in lines[start:]], lines[start].number))


def _of_text(lines: Sequence[NumberedText]) -> Iterable[Seen]:
    found = tables(lines)
    inside = {number for table in found for number in table.lines}
    outside = [line for line in lines if line.number not in inside and line.text.strip()]
    context = _context(lines, outside)
    for table in found:
        yield from of_table(table, context)
    yield from of_prose(outside, context)


def _context(lines: Sequence[NumberedText], outside: Sequence[NumberedText]) -> Context:
    """The text's first line is its title, which may tell the rows and the window of all of it."""
    title = outside[0].text if outside and lines and outside[0].number == lines[0].number else ""
    rows = _ROWS.search(title)
    n = float(rows[1].replace(",", "")) if rows else None
    return Context(title, n, window_in(title))
