"""When did a series change? The step that explains most of its variance, if it is large enough to matter.

The classic least-squares split into two levels (Page 1955; Hinkley 1970): robust enough for the steps that
alerts are about, exact on a clean step, and without a parameter that depends on the series' unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median


class Direction(StrEnum):
    """Which way a series has to go for the change to matter."""

    UP = "up"
    DOWN = "down"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Sample:
    """One value; ``at`` in seconds since the epoch."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Shift:
    """A change of level: ``at`` is the first sample of the new level."""

    at: float
    before: float
    after: float


#: a level needs this many samples to be one
_FEWEST = 3


def find_shift(
    samples: Sequence[Sample], direction: Direction = Direction.ANY, ratio: float = 1.5
) -> Shift | None:
    """The series' one change of level by at least ``ratio``, or None.

    >>> step = [Sample(at, 0.1 if at < 10 else 0.9) for at in range(20)]
    >>> find_shift(step)
    Shift(at=10, before=0.1, after=0.9)
    >>> find_shift(step[:10]) is None
    True
    """
    split = _best_split(samples, direction)
    if split is None:
        return None
    before = median(sample.value for sample in samples[:split])
    after = median(sample.value for sample in samples[split:])
    low, high = sorted((before, after))
    if high <= 0 or (low > 0 and high / low < ratio):
        return None
    return Shift(samples[split].at, before, after)


def _best_split(samples: Sequence[Sample], direction: Direction) -> int | None:
    """The index whose two sides' means lie furthest apart, weighted by their lengths."""
    count = len(samples)
    total = sum(sample.value for sample in samples)
    best, best_gain = None, 0.0
    left = 0.0
    for index in range(1, count):
        left += samples[index - 1].value
        if index < _FEWEST or count - index < _FEWEST:
            continue
        gap = (total - left) / (count - index) - left / index
        if direction is not Direction.ANY and (gap > 0) is not (direction is Direction.UP):
            continue
        gain = gap * gap * index * (count - index)
        # a relative margin, so that rounding can't invent a step in a flat series
        if gain > best_gain * (1 + 1e-9) and abs(gap) > 1e-12:
            best, best_gain = index, gain
    return best
