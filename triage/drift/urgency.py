"""How urgent a statistic is: by its effect and its significance, and never by one of them alone.

The table is in docs/adr (drift: urgency and retraining). P0 is for quality that was measured and is lost,
since it alone makes code retrain; a shift without labels is at most P1, since nobody knows yet whether it
hurts. The levels of significance allow for an event a day for years.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from triage.drift.significance import holm, p_value_of
from triage.drift.statistic import Statistic, StatisticName


class Urgency(StrEnum):
    """What follows: P0 retraining by code, P1 an issue for the ML team, P2 a message."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    #: nothing is both significant and large
    NONE = ""

    @property
    def rank(self) -> int:
        """The most urgent is the highest."""
        return {"P0": 3, "P1": 2, "P2": 1, "": 0}[self.value]

    @property
    def severity(self) -> str:
        """The label ``severity`` of an alert of that urgency."""
        return {"P0": "critical", "P1": "warning", "P2": "info", "": "none"}[self.value]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: both have to hold."""

    urgency: Urgency
    least_effect: float
    #: after the correction for the number of statistics
    most_p: float


_SHIFT = (Row(Urgency.P1, 0.30, 1e-4), Row(Urgency.P2, 0.10, 1e-2))

#: for each statistic the most urgent row first
TABLE: Mapping[StatisticName, tuple[Row, ...]] = MappingProxyType(
    {
        # the effect is what is lost
        StatisticName.ACCURACY: (
            Row(Urgency.P0, 0.10, 1e-6),
            Row(Urgency.P1, 0.05, 1e-4),
            Row(Urgency.P2, 0.02, 1e-2),
        ),
        StatisticName.FEATURE_SHIFT: _SHIFT,
        StatisticName.PREDICTION_SHIFT: _SHIFT,
        # the effect is the change relative to the baseline
        StatisticName.CONFIDENCE_VARIANCE: (Row(Urgency.P1, 1.0, 1e-4), Row(Urgency.P2, 0.25, 1e-2)),
        StatisticName.REQUEST_METADATA: (Row(Urgency.P2, 0.10, 1e-2),),
        # it explains; it alarms nobody
        StatisticName.IMPORTANCE: (),
    }
)
#: without a p value and a number of rows, so many times the least effect is asked for
_UNTESTED = 2.0
#: a threshold of accuracy from here on is the least accuracy, not the largest loss
_A_LEVEL = 0.5


@dataclass(frozen=True, slots=True)
class Judged:
    """One statistic and what the table says of it."""

    statistic: Statistic
    #: as the table understands it; None where it can't be told
    effect: float | None
    #: corrected for the number of statistics; None where it can't be told
    p_value: float | None
    urgency: Urgency

    @property
    def moved(self) -> bool:
        """Whether it is taken for a change."""
        return self.urgency is not Urgency.NONE

    @property
    def is_tested(self) -> bool:
        """Whether chance was ruled out; else the detector's word stands alone."""
        return self.p_value is not None


def judged(statistics: Sequence[Statistic]) -> Sequence[Judged]:
    """Each statistic by the table, in the given order."""
    raw = [p_value_of(one) if TABLE[one.statistic] else None for one in statistics]
    known = [at for at, p in enumerate(raw) if p is not None]
    adjusted = dict(zip(known, holm([p for p in raw if p is not None]), strict=True))
    return [_judged(one, adjusted.get(at)) for at, one in enumerate(statistics)]


def effect_of(one: Statistic) -> float | None:
    """The effect as the table understands it: a loss for accuracy, else a size without a sign."""
    change = None if one.baseline is None or one.current is None else one.current - one.baseline
    told = None if one.effect is None else abs(one.effect)
    match one.statistic:
        case StatisticName.ACCURACY:
            return one.effect if change is None else -change
        case StatisticName.CONFIDENCE_VARIANCE if change is not None and one.baseline:
            return abs(change / one.baseline)
        case StatisticName.PREDICTION_SHIFT | StatisticName.REQUEST_METADATA if told is None:
            # of two shares the difference is the distance; of other levels nobody knows the spread
            is_share = change is not None and max(one.baseline or 0, one.current or 0) <= 1
            return abs(change) if is_share and change is not None else None
        case _:
            return told


def _judged(one: Statistic, p_value: float | None) -> Judged:
    effect = effect_of(one)
    return Judged(one, effect, p_value, _urgency(one, effect, p_value))


def _urgency(one: Statistic, effect: float | None, p_value: float | None) -> Urgency:
    rows = TABLE[one.statistic]
    if effect is None or not rows or _is_allowed(one, effect):
        return Urgency.NONE
    if p_value is None:
        told = one.threshold is not None and effect >= _UNTESTED * rows[-1].least_effect
        return Urgency.P2 if told else Urgency.NONE
    held = (row.urgency for row in rows if effect >= row.least_effect and p_value <= row.most_p)
    return next(held, Urgency.NONE)


def _is_allowed(one: Statistic, effect: float) -> bool:
    """A detector's own threshold makes the table stricter, never laxer."""
    if one.threshold is None:
        return False
    if one.statistic is StatisticName.ACCURACY and one.threshold >= _A_LEVEL:
        return one.current is not None and one.current >= one.threshold
    return effect < one.threshold
