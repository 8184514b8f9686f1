"""Series of samples in text: answers of Prometheus, its exposition format, promtool's output, tables."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from triage.evidence.files.located import Located
from triage.evidence.log_time import epoch_time, written_time
from triage.evidence.shift import Sample
from triage.evidence.tail import RawLine

_LABEL = re.compile(r'([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"')
_EXPOSED = re.compile(
    r"(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>[-+]?(?:\d[\d.eE+-]*|NaN|Inf))"
    r"(?: (?P<at>\d{10,13}))?$"
)
_ANSWERED = re.compile(r"(?P<name>[a-zA-Z_:][\w:]*)?(?:\{(?P<labels>[^{}]*)\})? =>\s*(?P<rest>.*)$")
_AT = re.compile(r"(?P<value>[-+]?(?:\d[\d.eE+-]*|NaN|Inf)) @\[(?P<at>[\d.]+)")
_NUMBER = re.compile(r"[-+]?\d[\d.]*(?:[eE][-+]?\d+)?")
_TIMES = frozenset(
    {"time", "timestamp", "ts", "date", "at", "day", "when", "datetime", "minute", "hour", "t"}
)
_MOST_SERIES = 200
_MOST_ROWS = 20_000
#: units behind a number, and what makes them seconds, bytes or shares
_UNITS = {"ms": 1e-3, "s": 1.0, "%": 0.01, "µs": 1e-6, "us": 1e-6}


@dataclass(frozen=True, slots=True)
class Measured:
    """One series; ``rows`` are the numbers of its samples' lines, in the same order."""

    metric: str
    labels: Mapping[str, str]
    samples: Sequence[Sample]
    rows: Sequence[int]
    #: what else may tell what was measured: a query, a heading
    heading: str = ""
    #: counters and buckets as exposed say something only beside each other
    is_exposed: bool = field(default=False)

    def line_at(self, at: float) -> int:
        """The line of the first sample from that time on, else of the last."""
        found = (row for sample, row in zip(self.samples, self.rows, strict=True) if sample.at >= at)
        return next(found, self.rows[-1])


def of_answer(document: Located, heading: str) -> Iterable[Measured]:
    """The series of an answer of Prometheus' API, of one instant or of a range."""
    value: Any = document.value
    found: list[tuple[tuple[str | int, ...], Any]] = []
    if isinstance(value, list):
        found = [((), value)]
    elif isinstance(value, dict):
        told = cast("dict[str, Any]", value)
        data: Any = told.get("data", told)
        heading = " ".join(str(text) for text in (heading, told.get("query", "")) if text)
        path: tuple[str | int, ...] = ("data",) if "data" in told else ()
        if isinstance(data, dict):
            found = [((*path, "result"), cast("dict[str, Any]", data).get("result"))]
    for path, results in found:
        if isinstance(results, list):
            for at, one in enumerate(cast("list[Any]", results)[:_MOST_SERIES]):
                result: Any = one
                if isinstance(one, dict) and (series := _of_result(document, (*path, at), result, heading)):
                    yield series


def _of_result(
    document: Located, path: tuple[str | int, ...], one: Mapping[str, Any], heading: str
) -> Measured | None:
    labels = {str(name): str(text) for name, text in cast("dict[str, Any]", one.get("metric") or {}).items()}
    pairs = one.get("values") or ([one["value"]] if "value" in one else [])
    key = "values" if one.get("values") else "value"
    samples: list[Sample] = []
    rows: list[int] = []
    for at, pair in enumerate(cast("list[Any]", pairs) if isinstance(pairs, list) else []):
        sample = _sample(pair)
        if sample:
            samples.append(sample)
            rows.append(document.line_of((*path, key, at) if key == "values" else (*path, key)))
    metric = labels.pop("__name__", "")
    return Measured(metric, labels, samples, rows, heading) if samples else None


def _sample(pair: Any) -> Sample | None:
    if not isinstance(pair, list) or len(cast("list[Any]", pair)) != 2:
        return None
    at, value = (_float(one) for one in cast("list[Any]", pair))
    return Sample(at, value) if at is not None and value is not None else None


def _float(value: object) -> float | None:
    try:
        number = float(cast("Any", value))
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def of_exposition(lines: Sequence[RawLine], heading: str) -> Iterable[Measured]:
    """Every sample of the exposition format as a series of one, at time zero where none is told."""
    for line in lines[:_MOST_ROWS]:
        match = _EXPOSED.match(line.raw.strip())
        value = _float(match["value"]) if match else None
        if match is None or value is None:
            continue
        at = epoch_time(float(match["at"])) if match["at"] else None
        labels = dict(_LABEL.findall(match["labels"] or ""))
        sample = Sample(at.timestamp() if at else 0.0, value)
        yield Measured(match["name"], labels, [sample], [line.number], heading, is_exposed=True)


def of_promtool(lines: Sequence[RawLine], heading: str) -> Iterable[Measured]:
    """What ``promtool query`` prints: a series, then its samples one a line."""
    present: Measured | None = None
    samples: list[Sample] = []
    rows: list[int] = []
    for line in lines[:_MOST_ROWS]:
        text = line.raw.strip()
        opened = _ANSWERED.match(text)
        if opened:
            if present and samples:
                yield Measured(present.metric, present.labels, samples, rows, heading)
            labels = dict(_LABEL.findall(opened["labels"] or ""))
            present, samples, rows = Measured(opened["name"] or "", labels, (), ()), [], []
            text = opened["rest"]
        if found := _AT.search(text):
            value, at = _float(found["value"]), epoch_time(float(found["at"]))
            if value is not None and at is not None:
                samples.append(Sample(at.timestamp(), value))
                rows.append(line.number)
    if present and samples:
        yield Measured(present.metric, present.labels, samples, rows, heading)


def of_table(lines: Sequence[RawLine], heading: str) -> Iterable[Measured]:
    """Columns of numbers beside a column of times, by commas, tabs, bars or blanks."""
    told = [line for line in lines if line.raw.strip() and not line.raw.lstrip().startswith("#")]
    at = next((at for at, line in enumerate(told[:40]) if _is_header(_cells(line.raw))), None)
    if at is None:
        return
    header = _cells(told[at].raw)
    when = next(place for place, name in enumerate(header) if name.lower() in _TIMES)
    columns: dict[int, tuple[list[Sample], list[int]]] = {}
    for line in told[at + 1 : at + 1 + _MOST_ROWS]:
        cells = _cells(line.raw)
        moment = _moment(cells[when]) if len(cells) == len(header) else None
        if moment is None:
            continue
        for place, cell in enumerate(cells):
            value = _amount(cell) if place != when else None
            if value is not None:
                samples, rows = columns.setdefault(place, ([], []))
                samples.append(Sample(moment, value))
                rows.append(line.number)
    for place, (samples, rows) in columns.items():
        if len(samples) > 2:
            yield Measured(header[place], {}, samples, rows, heading)


def _is_header(cells: Sequence[str]) -> bool:
    return len(cells) > 1 and any(cell.lower() in _TIMES for cell in cells[:2])


def _cells(text: str) -> list[str]:
    for mark in (",", "\t", "|", ";"):
        if mark in text:
            try:
                rows = list(csv.reader([text.strip().strip("|")], delimiter=mark))
            except csv.Error:
                return []
            return [cell.strip() for row in rows for cell in row]
    return re.split(r"\s{2,}", text.strip()) if "  " in text.strip() else text.split()


def _moment(text: str) -> float | None:
    moment = written_time(text)
    if moment is None and re.fullmatch(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d)?", text):
        moment = written_time(f"{text[:10]}T{text[11:] or '00:00'}:00")
    if moment is None and (number := _float(text)) is not None:
        moment = epoch_time(number)
    return moment.timestamp() if moment else None


def _amount(text: str) -> float | None:
    match = _NUMBER.match(text)
    if match is None:
        return None
    unit = text[match.end() :].strip()
    value = _float(match.group())
    return value * _UNITS.get(unit, 1.0) if value is not None else None
