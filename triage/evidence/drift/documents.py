"""Statistics in JSON, whatever the keys are called: a baseline and a present value, or a distance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from triage.drift.statistic import Statistic, StatisticName
from triage.evidence.drift.tables import Seen
from triage.evidence.drift.words import UNTESTABLE, Column, column_of, effect_rank, statistic_named, window_in
from triage.evidence.files.located import Located
from triage.evidence.files.located_json import read_json
from triage.evidence.tail import RawLine

_Path = tuple[str | int, ...]
_NAMES = ("feature", "column", "variable", "name", "metric")
_STATISTICS = frozenset(one.value for one in StatisticName)
_DEEPEST = 12
_MOST = 500


def of_json(lines: Sequence[RawLine]) -> Sequence[Seen]:
    """The statistics of the document with which the lines begin."""
    read = read_json(lines)
    if read is None:
        return []
    located, _ = read
    return list(_walk(located, located.value, ()))[:_MOST]


def _walk(located: Located, value: Any, path: _Path) -> Iterable[Seen]:
    if len(path) > _DEEPEST:
        return
    if isinstance(value, list):
        for at, one in enumerate(cast("list[Any]", value)):
            yield from _walk(located, one, (*path, at))
    elif isinstance(value, Mapping):
        fields = cast("Mapping[str, Any]", value)
        seen = _statistic(located, fields, path)
        if seen is not None:
            yield seen
            return
        for key, one in fields.items():
            yield from _walk(located, one, (*path, key))


def _statistic(located: Located, fields: Mapping[str, Any], path: _Path) -> Seen | None:
    values: dict[Column, float] = {}
    keys: dict[Column, str] = {}
    best: int | None = None
    for key, value in fields.items():
        column, number = column_of(key), _number(value)
        if column is None or number is None:
            continue
        rank = effect_rank(key)
        if rank is not None and best is not None and rank >= best:
            continue
        best = rank if rank is not None else best
        if rank is not None or column not in values:
            values[column], keys[column] = number, key
    if best is not None and best >= UNTESTABLE:
        values[Column.N] = 0.0
    has_both = Column.BASELINE in values and Column.CURRENT in values
    if not has_both and Column.EFFECT not in values:
        return None
    one = _named(fields, path, values)
    if one is None:
        return None
    cited = keys.get(Column.CURRENT) if has_both else keys[Column.EFFECT]
    return Seen(one, located.line_of((*path, cited or keys[Column.EFFECT])))


def _named(fields: Mapping[str, Any], path: _Path, values: Mapping[Column, float]) -> Statistic | None:
    """The statistic by what the object says of itself, else by the keys around it."""
    around = [str(key) for key in path if isinstance(key, str)]
    own = next((str(fields[name]) for name in _NAMES if isinstance(fields.get(name), str)), "")
    told = str(fields.get("statistic", "")) if isinstance(fields.get("statistic"), str) else ""
    feature = own or (around[-1] if around else "")
    if told in _STATISTICS:
        name, feature = StatisticName(told), own
    else:
        name = next((found for key in (own, *reversed(around)) if (found := statistic_named(key))), None)
        if name is None:
            name = StatisticName.FEATURE_SHIFT
        elif name not in (StatisticName.IMPORTANCE, StatisticName.REQUEST_METADATA):
            feature = ""
    if name is StatisticName.FEATURE_SHIFT and not feature:
        return None
    window = str(fields.get("window") or "") or next(
        (found for key in reversed(around) if (found := window_in(key))), ""
    )
    one = Statistic(name, feature=feature, window=window_in(window))
    one = replace(one, **{column.value: value for column, value in values.items()})
    drifted = any(
        value is True for key, value in fields.items() if "drift" in key.lower() or "alert" in key.lower()
    )
    return replace(one, threshold=0.0) if drifted and one.threshold is None else one


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) < 1e300 else None
