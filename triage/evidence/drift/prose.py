"""Statistics in lines of words and numbers: ``accuracy now  0.842``, ``KS of the scores 0.39  p=1e-47``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from triage.drift.statistic import Statistic, StatisticName
from triage.evidence.drift.tables import Context, Seen
from triage.evidence.drift.words import Column, column_of, number_of, statistic_named, window_in
from triage.evidence.pipeline.run_line import NumberedText

_N = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?%?"
_ARROW = re.compile(rf"^(?P<label>.*?)\s*[:=]?\s*(?P<before>{_N})\s*(?:->|=>|→|\bto\b)\s*(?P<now>{_N})(?!\w)")
_EFFECT = re.compile(
    r"(?i)\b(?:ks|psi|js|tvd?|total variation|wasserstein|hellinger|distance|effect)\b"
    rf"[^\d\n]{{0,30}}?(?P<value>{_N})"
)
_P_VALUE = re.compile(rf"(?i)(?<![\w.])p(?:[- _]?val(?:ue)?)?\s*(?:[=:<]|\s)\s*(?P<value>{_N})")
_ROWS = re.compile(r"(?i)(?<![\w.])n\s*[=:]\s*(?P<value>\d[\d,]*)")
_ALLOWED = re.compile(rf"(?i)\b(?:allowed|threshold|limit|tolerated)\b[^\d\n]{{0,20}}?(?P<value>{_N})")
_LABELLED = re.compile(rf"^(?P<label>[^\d\s][^=]*?)(?:\s*[:=]\s*|\s{{2,}}|\s+)(?P<value>{_N})(?=$|\s|,|;)")
_VALUES = frozenset({Column.BASELINE, Column.CURRENT, Column.THRESHOLD})
_SIDES = re.compile(r"(?i)\bmean\b|\bmedian\b|\bshare\b|\([^)]*\)|\b\d+ ?d(?:ays?)?\b")


@dataclass(slots=True)
class _Record:
    """What several lines say of one statistic."""

    statistic: Statistic
    lines: dict[Column, int] = field(default_factory=dict[Column, int])

    def put(self, column: Column, value: float | None, line: int) -> None:
        if value is not None and column not in self.lines:
            self.statistic = replace(self.statistic, **{column.value: value})
            self.lines[column] = line


def of_prose(lines: Sequence[NumberedText], context: Context) -> Iterable[Seen]:
    """The statistics of the lines, each cited where its present value or its distance stands."""
    records: dict[tuple[StatisticName, str], _Record] = {}
    last: _Record | None = None
    for line in lines:
        text = line.text.strip()
        record = _arrow(records, line, text) or _sided(records, line, text, context) or None
        if record is None:
            record = _about(records, text, context, last)
        if record is not None:
            _extras(record, line, text)
            last = record
    for record in records.values():
        yield from _seen(record, context)


def _arrow(
    records: dict[tuple[StatisticName, str], _Record], line: NumberedText, text: str
) -> _Record | None:
    found = _ARROW.match(text)
    if found is None:
        return None
    label = " ".join(_SIDES.sub(" ", found["label"]).split()).strip(" :,-")
    name = statistic_named(label)
    if not label or (name is None and not _EFFECT.search(text)):
        return None
    statistic = name or StatisticName.FEATURE_SHIFT
    has_feature = statistic in (
        StatisticName.FEATURE_SHIFT,
        StatisticName.REQUEST_METADATA,
        StatisticName.IMPORTANCE,
    )
    record = _record(records, statistic, label if has_feature else "")
    record.put(Column.BASELINE, number_of(found["before"]), line.number)
    record.put(Column.CURRENT, number_of(found["now"]), line.number)
    return record


def _sided(
    records: dict[tuple[StatisticName, str], _Record], line: NumberedText, text: str, context: Context
) -> _Record | None:
    """``accuracy 7 days before  0.824``: a label that says which side, and its number."""
    found = _LABELLED.match(text)
    # "accuracy 7 days before" has a number in its label
    if (
        found
        and (late := re.match(rf"^(?P<label>.*\D)\s+(?P<value>{_N})$", text))
        and column_of(late["label"])
    ):
        found = late
    if found is None:
        return None
    label, value = found["label"].strip(), number_of(found["value"])
    column = column_of(label)
    if value is None or column is None or column not in _VALUES:
        return None
    name = statistic_named(label) or statistic_named(context.title)
    known = [one for (statistic, _), one in records.items() if statistic is name or name is None]
    if name is None and not known:
        return None
    record = known[-1] if known else _record(records, name or StatisticName.ACCURACY, "")
    record.put(column, value, line.number)
    if column is Column.BASELINE and (window := window_in(label)):
        record.statistic = replace(record.statistic, window=window)
    return record


def _about(
    records: dict[tuple[StatisticName, str], _Record], text: str, context: Context, last: _Record | None
) -> _Record | None:
    """A line that holds only a distance: of what it names, of what stood before, or of the title."""
    found = _EFFECT.search(text)
    if found is None:
        return None
    name = statistic_named(text[: found.start("value")]) or statistic_named(context.title)
    if last is not None and name in (None, last.statistic.statistic):
        return last
    return _record(records, name, "") if name else last


def _record(records: dict[tuple[StatisticName, str], _Record], name: StatisticName, feature: str) -> _Record:
    return records.setdefault((name, feature), _Record(Statistic(name, feature=feature)))


def _extras(record: _Record, line: NumberedText, text: str) -> None:
    for column, pattern in (
        (Column.EFFECT, _EFFECT), (Column.P_VALUE, _P_VALUE), (Column.THRESHOLD, _ALLOWED)
    ):  # fmt: skip
        if found := pattern.search(text):
            record.put(column, number_of(found["value"]), line.number)
    rows = _ROWS.search(text)
    if rows and record.lines.get(Column.BASELINE) != line.number:
        record.put(Column.N, number_of(rows["value"]), line.number)


def _seen(record: _Record, context: Context) -> Iterable[Seen]:
    """One statistic; a distance on a line of its own is a second line that says the same."""
    one, lines = record.statistic, record.lines
    has_both = Column.BASELINE in lines and Column.CURRENT in lines
    if not has_both and Column.EFFECT not in lines:
        return
    cited = lines[Column.CURRENT] if has_both else lines[Column.EFFECT]
    yield Seen(context.of(one), cited)
    if has_both and (effect := lines.get(Column.EFFECT)) is not None and effect != cited:
        yield Seen(context.of(one), effect)
