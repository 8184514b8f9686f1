"""A measured value with its interval, as a sentence tells it."""

from __future__ import annotations

from lifecycle.gates.evidence import Interval
from lifecycle.gates.verdict import figure


def told(found: Interval | None) -> str:
    """Such as "0.927 (95% interval {value} to 0.953)": the lower end, which is judged, is left to fill in."""
    if found is None:
        return "missing"
    return f"{figure(found.value)} ({found.confidence:.0%} interval {{value}} to {figure(found.high)})"
