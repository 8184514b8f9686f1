"""A series in one line of text, for terminals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

_BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], width: int = 60) -> str:
    """At most ``width`` bars between zero and the highest value; each shows the highest of its slice.

    >>> sparkline([0.0, 0.5, 1.0])
    '▁▄█'
    """
    if not values:
        return ""
    width = min(width, len(values))
    edges = [round(at * len(values) / width) for at in range(width + 1)]
    tops = [max(values[start:end]) for start, end in pairwise(edges)]
    most = max(tops)
    return "".join(_BARS[round((len(_BARS) - 1) * top / most - 0.01) if most > 0 else 0] for top in tops)
