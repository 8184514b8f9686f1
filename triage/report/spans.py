"""Lengths of time as people say them."""

from __future__ import annotations

from datetime import datetime


def lasted(start: datetime, end: datetime) -> str:
    """The time between two moments.

    >>> lasted(datetime(2026, 1, 2, 3, 0), datetime(2026, 1, 2, 5, 30))
    '2 h 30 min'
    """
    return spelled((end - start).total_seconds())


def spelled(seconds: float) -> str:
    """A length of time in at most two units; less than nothing is nothing.

    >>> [spelled(seconds) for seconds in (0.25, 90, 600, 90_000)]
    ['0.25 s', '90 s', '10 min', '25 h']
    """
    if 0 < seconds < 10:
        return f"{seconds:.2g} s"
    whole = max(0, round(seconds))
    if whole < 120:
        return f"{whole} s"
    minutes = whole // 60
    if minutes < 120:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours >= 72:
        return f"{hours // 24} d {hours % 24} h" if hours % 24 else f"{hours // 24} d"
    return f"{hours} h {rest} min" if rest else f"{hours} h"
