"""What was measured about a candidate: the only thing that gates see.

A number that could not be measured is ``None`` or NaN, and the gate that needs it refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lifecycle.gates.bounds import GateBounds


@dataclass(frozen=True, slots=True)
class Interval:
    """A measured value with the ends of its bootstrap interval."""

    value: float
    low: float
    high: float
    #: how often intervals made like this one cover the truth
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class SliceScore:
    """The metric on one named part of the test rows."""

    name: str
    rows: int
    value: float | None


@dataclass(frozen=True, slots=True)
class Stress:
    """By how much the metric falls at worst when one input is broken, and by which."""

    drop: float | None
    #: such as "'https' missing", read after "with"
    case: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The candidate beside the champion, on the same rows."""

    version: int
    #: how many rows that is
    rows: int
    #: candidate minus champion, paired bootstrap
    difference: Interval | None
    #: share of the rows on which the two predict different classes
    disagreement: float | None
    #: share of each class among the labels that the champion was trained on
    prevalence: Mapping[str, float]
    #: a sentence for what keeps the comparison from being even, or nothing
    caveat: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything measured about one candidate, with the bounds that its ``model.yaml`` sets."""

    bounds: GateBounds
    #: the field's name of the metric, higher is better
    metric_name: str
    metric: Interval | None
    expected_calibration_error: float | None
    brier_score: float | None
    slices: tuple[SliceScore, ...]
    #: 95th percentile of predicting one row
    latency_seconds: float | None
    artifact_bytes: int | None
    #: share of each class among the training labels
    prevalence: Mapping[str, float]
    stress: Stress | None
    #: None for a model's first version
    champion: Comparison | None

    @property
    def metric_title(self) -> str:
        """The metric's name where a sentence begins."""
        return self.metric_name[:1].upper() + self.metric_name[1:]
