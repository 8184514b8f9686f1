"""Bootstrap intervals that respect repeated rows.

Rows with equal features rise and fall together, so whole groups are drawn with replacement, not rows; drawing
rows would make intervals too narrow. A replicate is a weight per row, and paired comparisons reuse it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ct.dataset import Dataset
from ct.metrics import Floats, Indices, Metric
from lifecycle.gates.evidence import Interval

REPLICATES = 1000
CONFIDENCE = 0.95
#: numbers held in memory at once, about 32 MB
_CHUNK = 4_000_000


def replicates(data: Dataset, seed: int) -> Iterator[Floats]:
    """Weights (some replicates x rows), in chunks that fit in memory; equal calls draw equally."""
    _, place = np.unique(data.groups, return_inverse=True)
    groups = int(place.max()) + 1
    random = np.random.default_rng(seed)
    left = REPLICATES
    while left:
        size = min(left, max(1, _CHUNK // max(len(data), groups)))
        counts = random.multinomial(groups, np.full(groups, 1 / groups), size=size).astype(np.float64)
        yield counts[:, place]
        left -= size


def estimate(metric: Metric, data: Dataset, probabilities: Floats, predicted: Indices, seed: int) -> Interval:
    """The metric on the rows as they are, with its interval."""
    value = metric(data.y, probabilities, predicted, np.ones((1, len(data))))[0]
    drawn = [metric(data.y, probabilities, predicted, weights) for weights in replicates(data, seed)]
    return interval(float(value), np.concatenate(drawn))


def interval(value: float, drawn: Floats) -> Interval:
    """The percentile interval of the replicates; undefined ones are left out unless all are."""
    defined = drawn[np.isfinite(drawn)]
    if not len(defined) or not np.isfinite(value):
        return Interval(value, float("nan"), float("nan"), CONFIDENCE)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return Interval(value, float(low), float(high), CONFIDENCE)
