"""Whether a series is flat: the straight line through it, by least squares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """The line through points of (seconds, value)."""

    per_second: float
    mean: float
    #: from the first point to the last
    seconds: float

    @property
    def growth(self) -> float:
        """How much the line rises over the points, as a share of their mean; 0 of a mean of 0."""
        return self.per_second * self.seconds / self.mean if self.mean else 0.0


def fit(points: Sequence[tuple[float, float]]) -> Line:
    """The line of least squares; flat where there is no time between the points.

    Raises:
        ValueError: without a point.
    """
    if not points:
        raise ValueError("there is no line through no points")
    count = len(points)
    middle = sum(at for at, _ in points) / count
    mean = sum(value for _, value in points) / count
    spread = sum((at - middle) ** 2 for at, _ in points)
    together = sum((at - middle) * (value - mean) for at, value in points)
    return Line(together / spread if spread else 0.0, mean, points[-1][0] - points[0][0])


def second_half(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """What lies behind the middle of the time; the first half is for caches to fill."""
    if not points:
        return []
    middle = (points[0][0] + points[-1][0]) / 2
    return [point for point in points if point[0] >= middle]
