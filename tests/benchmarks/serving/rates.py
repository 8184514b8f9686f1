"""Which rates the open loop offers: some that every server can answer, and higher ones for those that can."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

#: of what a server answered at full load; one alone, so that there is time to measure it long enough
SHARES = (0.7,)
#: of what it answered at full load a server may be offered; nearer to it the queue says more than the server
HEADROOM = 0.9


def offered_rates(capacities: Mapping[str, float], second: str | None = None) -> Sequence[float]:
    """Rising requests a second: shares of the slowest server's capacity, then of the server ``second``'s."""
    if not capacities:
        return ()
    bases = [min(capacities.values())]
    if second in capacities:
        bases.append(capacities[second])
    return sorted({_two_digits(base * share) for base in bases for share in SHARES})


def can_answer(capacity: float, rate: float) -> bool:
    """Whether a server is offered ``rate``."""
    return rate <= capacity * HEADROOM


def _two_digits(value: float) -> float:
    """Rounded down to two digits, so that a reader remembers it; at least one."""
    if value < 1:
        return 1.0
    unit = 10 ** max(0, math.floor(math.log10(value)) - 1)
    return float(math.floor(value / unit) * unit)
