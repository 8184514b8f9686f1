"""What the statistics of one model say together: the class of drift, what is affected, what to do.

- data drift: the inputs moved; quality fell with them, or nobody measured it;
- concept drift: quality fell while the inputs stayed: the same rows now mean something else;
- decay: quality falls a little from window to window, and no input moved;
- none: nothing is both significant and large.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from triage.drift.statistic import Statistic, StatisticName
from triage.drift.urgency import Judged, Urgency, judged

_INPUTS = frozenset({StatisticName.FEATURE_SHIFT, StatisticName.REQUEST_METADATA})
_OUTPUTS = frozenset({StatisticName.PREDICTION_SHIFT, StatisticName.CONFIDENCE_VARIANCE})
_WINDOWS = ("7d", "14d", "30d")
#: of what was lost over the longest window, a slow fall loses at most this share within the shortest
_MOST_OF_A_SLOW_FALL = 0.6


class DriftClass(StrEnum):
    """See the module's docstring."""

    DATA = "data drift"
    CONCEPT = "concept drift"
    DECAY = "decay"
    NONE = "none"


class Action(StrEnum):
    """What is recommended; only the first is ever done by code, and only on P0."""

    RETRAIN = "retrain"
    ROLL_BACK = "roll back"
    FEATURE_WORK = "feature work"
    INVESTIGATE = "investigate"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the statistics say together."""

    drift: DriftClass
    urgency: Urgency
    #: the inputs that moved, the one that moved most first
    features: tuple[str, ...]
    action: Action
    judged: tuple[Judged, ...]
    #: whether anybody compared inputs; without it data drift and concept drift can't be told apart
    inputs_known: bool
    quality_known: bool

    def moved(self, *names: StatisticName) -> Sequence[Judged]:
        """The statistics of those names that moved, the strongest first."""
        found = [one for one in self.judged if one.moved and one.statistic.statistic in names]
        return sorted(found, key=lambda one: (-one.urgency.rank, -(one.effect or 0.0)))


def assess(statistics: Sequence[Statistic], *, released_lately: bool = False) -> Assessment:
    """Judge all statistics of one model; ``released_lately`` when a version was handed off within them."""
    by_table = tuple(judged(statistics))
    urgency = max((one.urgency for one in by_table), key=lambda one: one.rank, default=Urgency.NONE)
    names = {one.statistic for one in statistics}
    drift = _class_of(by_table)
    moved = [one for one in by_table if one.moved and one.statistic.statistic in _INPUTS]
    ordered = sorted(moved, key=lambda one: -(one.effect or 0.0))
    features = tuple(dict.fromkeys(one.statistic.feature for one in ordered if one.statistic.feature))
    return Assessment(
        drift=drift,
        urgency=urgency,
        features=features,
        action=_action(drift, by_table, features, released_lately=released_lately),
        judged=by_table,
        inputs_known=bool(names & _INPUTS),
        quality_known=StatisticName.ACCURACY in names,
    )


def _class_of(by_table: Sequence[Judged]) -> DriftClass:
    moved = {one.statistic.statistic for one in by_table if one.moved}
    if moved & _INPUTS:
        return DriftClass.DATA
    if StatisticName.ACCURACY in moved:
        return DriftClass.DECAY if falls_slowly(by_table) else DriftClass.CONCEPT
    # what the model answers moved, and nothing tells that the same inputs now mean something else
    return DriftClass.DATA if moved & _OUTPUTS else DriftClass.NONE


def falls_slowly(by_table: Sequence[Judged]) -> bool:
    """Whether the loss grows from window to window, and the last days alone don't explain it."""
    losses = {
        one.statistic.window: one.effect
        for one in by_table
        if one.statistic.statistic is StatisticName.ACCURACY and one.effect is not None
    }
    told = [losses[window] for window in _WINDOWS if window in losses]
    if len(told) < 2 or any(later < earlier for earlier, later in pairwise(told)):
        return False
    return told[-1] > 0 and told[0] <= _MOST_OF_A_SLOW_FALL * told[-1]


def _action(
    drift: DriftClass, by_table: Sequence[Judged], features: Sequence[str], *, released_lately: bool
) -> Action:
    if drift is DriftClass.NONE:
        return Action.NOTHING
    quality_fell = any(one.moved and one.statistic.statistic is StatisticName.ACCURACY for one in by_table)
    if quality_fell:
        sudden = drift is not DriftClass.DECAY
        return Action.ROLL_BACK if released_lately and sudden else Action.RETRAIN
    moved = {one.statistic.statistic for one in by_table if one.moved}
    # one or two inputs that moved alone are rather a changed source than a changed world
    is_a_source = StatisticName.FEATURE_SHIFT in moved and len(features) <= 2 and not moved & _OUTPUTS
    return Action.FEATURE_WORK if is_a_source else Action.INVESTIGATE
