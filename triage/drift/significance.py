"""How likely chance alone would make a statistic so large, and what is left of that among many statistics.

A detector's own p value counts. Without one it is computed from the number of rows, as far as the statistic
allows: two shares by the normal approximation, a Kolmogorov-Smirnov distance by its limiting distribution;
both take the baseline for no larger than the present sample, which errs on the side of chance. Fixed
thresholds on the effect alone fire on noise, since the noise of a small sample is large.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from triage.drift.statistic import Statistic, StatisticName

_TERMS = 100


def p_value_of(one: Statistic) -> float | None:
    """The p value, told or computed; None where neither can be."""
    if one.p_value is not None:
        return min(1.0, max(0.0, one.p_value))
    if one.n is None or one.n < 1:
        return None
    compute = _COMPUTED.get(one.statistic)
    return compute(one, one.n) if compute else None


def holm(p_values: Sequence[float]) -> Sequence[float]:
    """The p values adjusted for their number (Holm): the chance of any false one stays below the level.

    >>> holm([0.01, 0.5, 0.02])
    [0.03, 0.5, 0.04]
    """
    adjusted = [1.0] * len(p_values)
    highest = 0.0
    for rank, at in enumerate(sorted(range(len(p_values)), key=lambda at: p_values[at])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[at]))
        adjusted[at] = highest
    return adjusted


def two_shares(baseline: float, current: float, n: float, m: float) -> float:
    """The chance that two samples of one share differ so much, two-sided."""
    pooled = (baseline * m + current * n) / (n + m)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    if spread == 0:
        return 1.0 if baseline == current else 0.0
    return math.erfc(abs(current - baseline) / spread / math.sqrt(2))


def kolmogorov(distance: float, n: float, m: float) -> float:
    """The chance that two samples of one distribution are so far apart.

    >>> kolmogorov(0.1, 100, 100) > 0.5, kolmogorov(0.1, 3000, 3000) < 1e-10
    (True, True)
    """
    root = math.sqrt(n * m / (n + m))
    scaled = (root + 0.12 + 0.11 / root) * abs(distance)
    if scaled < 0.2:
        return 1.0
    total = sum((-1) ** (k - 1) * math.exp(-2 * (k * scaled) ** 2) for k in range(1, _TERMS))
    return min(1.0, max(0.0, 2 * total))


def _by_shares(one: Statistic, n: float) -> float | None:
    if one.baseline is None or one.current is None or not (0 <= one.baseline <= 1 and 0 <= one.current <= 1):
        return None
    return two_shares(one.baseline, one.current, n, n)


def _by_distance(one: Statistic, n: float) -> float | None:
    if one.effect is None or not 0 <= abs(one.effect) <= 1:
        return None
    return kolmogorov(one.effect, n, n)


_COMPUTED: Mapping[StatisticName, Callable[[Statistic, float], float | None]] = MappingProxyType(
    {
        StatisticName.ACCURACY: _by_shares,
        StatisticName.FEATURE_SHIFT: _by_distance,
        StatisticName.PREDICTION_SHIFT: _by_distance,
        StatisticName.REQUEST_METADATA: _by_shares,
    }
)
