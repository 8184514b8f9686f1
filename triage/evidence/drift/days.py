"""A measure of quality day by day, as losses against one, two and four weeks before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from triage.drift.significance import two_shares
from triage.drift.statistic import Statistic, StatisticName
from triage.evidence.drift.words import Column, column_of, number_of, statistic_named

_WINDOWS = (7, 14, 30)
#: one day is noise; so many around a date are taken together
_TOGETHER = 5
_FEWEST_DAYS = 10
#: the ends of a month's report may be a day or two short of the window
_SHORT = 3


@dataclass(frozen=True, slots=True)
class _Day:
    line: int
    on: date
    value: float
    rows: float | None


def of_days(
    header: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]]
) -> Iterable[tuple[Statistic, int]]:
    """For each measure and window a statistic, with the line of the last day."""
    counts = next((at for at, name in enumerate(header) if column_of(name) is Column.N), None)
    for at, name in enumerate(header[1:], start=1):
        if statistic_named(name) is StatisticName.ACCURACY:
            yield from _of_measure(_days(rows, at, counts))


def _days(rows: Sequence[tuple[int, Sequence[str]]], at: int, counts: int | None) -> Sequence[_Day]:
    found: list[_Day] = []
    for line, cells in rows:
        value = number_of(cells[at])
        try:
            on = date.fromisoformat(cells[0].strip()[:10])
        except ValueError:
            continue
        if value is not None and 0 <= value <= 1:
            found.append(_Day(line, on, value, number_of(cells[counts]) if counts is not None else None))
    return sorted(found, key=lambda day: day.on)


def _of_measure(days: Sequence[_Day]) -> Iterable[tuple[Statistic, int]]:
    if len(days) < _FEWEST_DAYS:
        return
    last = days[-1]
    present, n = _level(days[-_TOGETHER:])
    reach = (last.on - days[0].on).days
    for window in _WINDOWS:
        if reach < window - _SHORT:
            break
        # the days around that date; the oldest where the report ends there
        close = sorted(days, key=lambda day: abs((last.on - day.on).days - window))[:_TOGETHER]
        before, m = _level(close)
        p_value = two_shares(before, present, n, m) if n and m else None
        one = Statistic(
            StatisticName.ACCURACY,
            window=f"{window}d",
            baseline=round(before, 4),
            current=round(present, 4),
            p_value=p_value,
            n=n,
        )
        yield one, last.line


def _level(days: Sequence[_Day]) -> tuple[float, float | None]:
    """The mean over the days, by their rows where they are told, and how many rows that is."""
    rows = [day.rows for day in days]
    if all(count is not None and count > 0 for count in rows):
        whole = sum(count for count in rows if count is not None)
        return sum(day.value * (day.rows or 0.0) for day in days) / whole, whole
    return sum(day.value for day in days) / len(days), None
