"""Bootstrap intervals that respect repeated rows.

Rows with equal features rise and fall together, so whole groups are drawn with replacement, not rows; drawing
rows would make intervals too narrow. A replicate is a weight per row, and paired comparisons reuse it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from ct.arrays import Floats
from ct.data.dataset import Dataset
from ct.metric_name import MetricName
from lifecycle.gates.evidence import Interval

REPLICATES = 1000
CONFIDENCE = 0.95
#: on either side
TAIL = (1 - CONFIDENCE) / 2
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


def estimate(
    measure: Callable[[Floats], Mapping[MetricName, Floats]], data: Dataset, seed: int
) -> Mapping[MetricName, Interval]:
    """What ``measure`` answers for the rows as they are, each with its interval.

    Resampling rows that are all right never finds a wrong one. But n groups can't prove more than n successes
    out of n do, so the lower end is at most the exact binomial one of those (Clopper and Pearson, 1934).
    """
    values = measure(np.ones((1, len(data))))
    drawn = [measure(weights) for weights in replicates(data, seed)]
    proven = TAIL ** (1 / len(np.unique(data.groups)))
    found: dict[MetricName, Interval] = {}
    for name, value in values.items():
        around = interval(float(value[0]), np.concatenate([part[name] for part in drawn]))
        found[name] = replace(around, low=float(np.minimum(around.low, proven)))
    return found


def interval(value: float, drawn: Floats) -> Interval:
    """The percentile interval of the replicates; undefined ones are left out unless all are."""
    defined = drawn[np.isfinite(drawn)]
    if not len(defined) or not np.isfinite(value):
        return Interval(value, float("nan"), float("nan"), CONFIDENCE)
    low, high = np.quantile(defined, [TAIL, 1 - TAIL])
    return Interval(value, float(low), float(high), CONFIDENCE)
