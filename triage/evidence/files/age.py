"""The ages that kubectl prints instead of times: ``39s (x26 over 10m)``."""

from __future__ import annotations

import re

_UNITS = {"y": 31_536_000.0, "d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_PART = re.compile(r"(\d+)(ms|[ydhms])")
_AGE = re.compile(r"(?:\d+(?:ms|[ydhms]))+")
_TIMES = re.compile(r"\(x(\d+)(?: over [^)]*)?\)")


def age_seconds(text: str) -> float | None:
    """How long ago, or None.

    >>> age_seconds("3m12s (x4 over 5m)")
    192.0
    """
    match = _AGE.match(text.strip())
    if match is None:
        return None
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(match.group()))


def times_in(text: str) -> int:
    """How often, one where it is not said.

    >>> times_in("3m12s (x4 over 5m)")
    4
    """
    match = _TIMES.search(text)
    return int(match.group(1)) if match else 1
