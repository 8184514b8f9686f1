"""A statistic as a line to read and cite, and as the observation that stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from triage.drift.statistic import Statistic, StatisticName
from triage.evidence.item import Observation

OBSERVATION = "drift.statistic"
_NUMBERS = ("baseline", "current", "threshold", "effect", "p_value", "n")
_MOST_CHARACTERS = 200
_NAMES = frozenset(one.value for one in StatisticName)


def line_of(one: Statistic) -> str:
    """The statistic in words.

    >>> line_of(Statistic(StatisticName.ACCURACY, window="7d", baseline=0.83, current=0.58, n=3000.0))
    'accuracy against the 7d baseline: 0.83 -> 0.58, n 3000'
    """
    about = f" of {one.feature}" if one.feature else ""
    against = f" against the {one.window} baseline" if one.window else ""
    parts = [f"{one.statistic}{about}{against}: {amount(one.baseline)} -> {amount(one.current)}"]
    if one.effect is not None:
        parts.append(f"effect {amount(one.effect)}")
    if one.threshold is not None:
        parts.append(f"allowed {amount(one.threshold)}")
    if one.p_value is not None:
        parts.append(f"p {one.p_value:.2g}")
    if one.n is not None:
        parts.append(f"n {one.n:.0f}")
    return ", ".join(parts)


def amount(value: float | None) -> str:
    """A number with four digits that count; what nobody knows is a question mark."""
    return "?" if value is None else f"{value:.4g}"


def observation_of(
    one: Statistic, line: int, at: datetime | None = None, texts: Mapping[str, str] | None = None
) -> Observation:
    """The observation that a line says ``one``."""
    told = {"statistic": one.statistic.value, "feature": one.feature, "window": one.window, **(texts or {})}
    numbers = {name: getattr(one, name) for name in _NUMBERS}
    # no rows at all stand for a number of rows that says nothing about this distance
    numbers["n"] = numbers["n"] or None
    return Observation(
        name=OBSERVATION,
        line=line,
        at=at,
        numbers={name: float(number) for name, number in numbers.items() if number is not None},
        texts={name: text[:_MOST_CHARACTERS] for name, text in told.items() if text},
    )


def statistic_of(observation: Observation) -> Statistic | None:
    """What the observation says; None when it is no statistic."""
    name = observation.texts.get("statistic", "")
    if observation.name != OBSERVATION or name not in _NAMES:
        return None
    return Statistic(
        StatisticName(name),
        feature=observation.texts.get("feature", ""),
        window=observation.texts.get("window", ""),
        **{number: observation.numbers.get(number) for number in _NUMBERS},
    )
