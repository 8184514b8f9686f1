"""Statistics in tables: of inputs, of callers, of measures, of windows, and of days."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from triage.drift.statistic import Statistic, StatisticName
from triage.evidence.drift.days import of_days
from triage.evidence.drift.words import (
    DATES,
    DRIFTED,
    FEATURES,
    MEASURES,
    UNTESTABLE,
    WINDOWS,
    Column,
    column_of,
    effect_rank,
    number_of,
    statistic_named,
    window_in,
)
from triage.evidence.pipeline.run_line import NumberedText

_RULE = re.compile(r"[\s|+:=_\-]*[-=]{3,}[\s|+:=_\-]*")
_GAP = re.compile(r"\s{2,}|\t+")
_VERDICT = re.compile(r"(?i)verdict|drift|status|result|alert|flag|outcome")
_MOST_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table."""

    line: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class TextTable:
    """A header and the rows below it."""

    header: Sequence[str]
    rows: Sequence[Row]
    #: every line that belongs to it
    lines: frozenset[int]


@dataclass(frozen=True, slots=True)
class Seen:
    """A statistic and the line that says it; ``texts`` is what else the line names."""

    statistic: Statistic
    line: int
    texts: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Context:
    """What the text around says of all of it."""

    title: str = ""
    n: float | None = None
    window: str = ""

    def of(self, one: Statistic) -> Statistic:
        """The statistic with what only the context knows."""
        return one.completed(Statistic(one.statistic, window=self.window, n=self.n))


def tables(lines: Sequence[NumberedText]) -> Sequence[TextTable]:
    """The tables of a text: by commas, tabs, bars, or two blanks and more."""
    found: list[TextTable] = []
    at = 0
    while at < len(lines):
        table = _table(lines, at)
        if table is None:
            at += 1
        else:
            found.append(table)
            at += len(table.lines)
    return found


def _table(lines: Sequence[NumberedText], start: int) -> TextTable | None:
    header = cells_of(lines[start].text)
    if len(header) < 2 or any(number_of(cell) is not None for cell in header) or not all(header):
        return None
    rows: list[Row] = []
    used = [lines[start].number]
    for line in lines[start + 1 : start + 1 + _MOST_ROWS]:
        cells = cells_of(line.text)
        if _RULE.fullmatch(line.text) and line.text.strip():
            used.append(line.number)
        elif len(cells) == len(header) and any(number_of(cell) is not None for cell in cells):
            used.append(line.number)
            rows.append(Row(line.number, cells))
        else:
            break
    return TextTable(header, rows, frozenset(used)) if rows else None


def cells_of(text: str) -> Sequence[str]:
    """The cells of one line."""
    stripped = text.strip()
    for mark in ("|", "\t", ",", ";"):
        if mark in stripped.strip("|"):
            try:
                (cells,) = csv.reader([stripped.strip("|")], delimiter=mark)
            except (csv.Error, ValueError):
                return []
            return [cell.strip() for cell in cells]
    return _GAP.split(stripped) if stripped else []


def of_table(table: TextTable, context: Context) -> Iterable[Seen]:
    """The statistics of one table; what is no table of drift yields none."""
    first = table.header[0].strip().lower()
    if DATES.match(first):
        days = [(row.line, row.cells) for row in table.rows]
        return [Seen(one, line) for one, line in of_days(table.header, days)]
    if not _compares(table.header):
        return []
    read = _reader(first)
    return [seen for row in table.rows if (seen := read(table, row, context)) is not None]


def _compares(header: Sequence[str]) -> bool:
    columns = {column_of(name) for name in header[1:]}
    return Column.EFFECT in columns or {Column.BASELINE, Column.CURRENT} <= columns


def _reader(first: str) -> Callable[[TextTable, Row, Context], Seen | None]:
    if WINDOWS.match(first):
        return _of_window
    if FEATURES.match(first):
        return _of_feature
    if MEASURES.match(first):
        return _of_measure
    return _of_caller if statistic_named(first) is StatisticName.REQUEST_METADATA else _of_measure


def _of_feature(table: TextTable, row: Row, context: Context) -> Seen | None:
    is_importance = any(statistic_named(name) is StatisticName.IMPORTANCE for name in table.header[1:])
    name = StatisticName.IMPORTANCE if is_importance else StatisticName.FEATURE_SHIFT
    return Seen(context.of(_valued(name, row.cells[0], table.header, row)), row.line)


def _of_measure(table: TextTable, row: Row, context: Context) -> Seen | None:
    name = statistic_named(row.cells[0])
    if name is None:
        return None
    window = window_in(row.cells[0])
    one = replace(_valued(name, "", table.header, row), window=window)
    return Seen(context.of(one), row.line)


def _of_window(table: TextTable, row: Row, context: Context) -> Seen | None:
    window = window_in(row.cells[0])
    named = next((name for cell in table.header[1:] if (name := statistic_named(cell))), None)
    name = named or statistic_named(context.title)
    if not window or name is None:
        return None
    one = replace(_valued(name, "", table.header, row), window=window)
    # a column of losses is no distance
    one = replace(one, effect=None) if name is StatisticName.ACCURACY else one
    return Seen(context.of(one), row.line)


def _of_caller(table: TextTable, row: Row, context: Context) -> Seen | None:
    """A row of shares of callers; counts without shares are told by nobody's baseline."""
    shares = [
        (at, value)
        for at, cell in enumerate(row.cells[1:], start=1)
        if cell.strip().endswith("%") and (value := number_of(cell)) is not None
    ]
    if len(shares) < 2:
        return None
    (_, before), (_, now) = shares[0], shares[-1]
    one = Statistic(
        StatisticName.REQUEST_METADATA,
        feature=table.header[0].strip(),
        baseline=before,
        current=now,
        effect=abs(now - before),
        n=_total(table, row) or context.n,
    )
    return Seen(context.of(one), row.line, {"value": row.cells[0].strip()})


def _total(table: TextTable, row: Row) -> float | None:
    """How many requests there are now: the sum of the last column of whole numbers."""
    for at in range(len(row.cells) - 1, 0, -1):
        counts = [number_of(one.cells[at]) for one in table.rows]
        if all(count is not None and count >= 0 and count == int(count) for count in counts) and not any(
            one.cells[at].endswith("%") for one in table.rows
        ):
            return sum(count for count in counts if count is not None) or None
    return None


def _valued(name: StatisticName, feature: str, header: Sequence[str], row: Row) -> Statistic:
    values: dict[Column, float] = {}
    best: int | None = None
    drifted = False
    for title, cell in zip(header[1:], row.cells[1:], strict=True):
        column, value = column_of(title), number_of(cell)
        if _VERDICT.search(title) and DRIFTED.match(cell.strip()):
            drifted = True
        if column is None or value is None:
            continue
        rank = effect_rank(title)
        if rank is None:
            values.setdefault(column, value)
        elif best is None or rank < best:
            best, values[Column.EFFECT] = rank, value
    if best is not None and best >= UNTESTABLE:
        values[Column.N] = 0.0
    told: dict[str, float] = {column.value: value for column, value in values.items()}
    one = replace(Statistic(name, feature=feature.strip()), **told)
    # a detector that says so has a threshold, whichever it is
    return replace(one, threshold=0.0) if drifted and one.threshold is None else one
