"""One computed statistic, whoever computed it: what is compared, over which window, how far apart it is."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, cast

#: of one event; a model with more features reports those that moved
MOST_STATISTICS = 500
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_NUMBERS = ("baseline", "current", "threshold", "effect", "p_value", "n")


class StatisticName(StrEnum):
    """What is compared with its baseline."""

    #: a share of right answers, or another measure of quality between 0 and 1; more is better
    ACCURACY = "accuracy"
    #: what the model answers; the effect is a distance between two distributions, 0 to 1
    PREDICTION_SHIFT = "prediction_shift"
    #: how much the model's confidence varies
    CONFIDENCE_VARIANCE = "confidence_variance"
    #: one input; the effect is a distance between two distributions, 0 to 1
    FEATURE_SHIFT = "feature_shift"
    #: how much one input counts for the answers
    IMPORTANCE = "importance"
    #: who asks, and how: shares of clients, sizes of requests
    REQUEST_METADATA = "request_metadata"


_NAMES = frozenset(one.value for one in StatisticName)


@dataclass(frozen=True, slots=True)
class Statistic:
    """See the module's docstring; what nobody said is None or empty."""

    statistic: StatisticName
    feature: str = ""
    #: how far back the baseline reaches: 7d, 14d or 30d
    window: str = ""
    baseline: float | None = None
    current: float | None = None
    #: what the detector allows the effect to be
    threshold: float | None = None
    effect: float | None = None
    p_value: float | None = None
    #: how many rows the current value rests on
    n: float | None = None

    @property
    def key(self) -> tuple[StatisticName, str, str]:
        """What makes two statistics the same one."""
        return self.statistic, plain(self.feature), self.window

    def completed(self, other: Statistic) -> Statistic:
        """This one, with what only ``other`` knows."""
        missing = {
            name: getattr(other, name)
            for name in ("window", "threshold", "effect", "p_value", "n")
            if getattr(self, name) in (None, "")
        }
        return replace(self, **missing)


def plain(name: str) -> str:
    """A feature's name without what differs between its writings.

    >>> plain("URL length"), plain("url_length")
    ('url_length', 'url_length')
    """
    return _NOT_A_WORD.sub("_", name.lower()).strip("_")


def canonical(statistics: Iterable[Statistic]) -> str:
    """The statistics as JSON: equal ones give equal text."""
    return json.dumps(
        [{key: value for key, value in asdict(one).items() if value not in (None, "")} for one in statistics],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )


def read_statistics(text: str) -> Sequence[Statistic]:
    """The statistics in an alert's annotation; what can't be one is left out.

    Raises:
        ValueError: when the text is no JSON list at all.
    """
    content: Any = json.loads(text)
    if not isinstance(content, list):
        raise ValueError("it is no list")  # noqa: TRY004 - what a text is, not a program's mistake
    found = [_statistic(one) for one in cast("list[Any]", content)[:MOST_STATISTICS]]
    return [one for one in found if one is not None]


def _statistic(content: Any) -> Statistic | None:
    if not isinstance(content, Mapping):
        return None
    fields = cast("Mapping[str, Any]", content)
    name = str(fields.get("statistic", ""))
    if name not in _NAMES:
        return None
    return Statistic(
        StatisticName(name),
        feature=str(fields.get("feature") or ""),
        window=str(fields.get("window") or ""),
        **{key: _number(fields.get(key)) for key in _NUMBERS},
    )


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
