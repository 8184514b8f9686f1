"""Durations as Prometheus and Alertmanager write them: ``1h30m``, ``500ms``."""

from __future__ import annotations

import re

#: from the longest; a year and a week are fixed spans, as in Prometheus
MILLISECONDS = {
    "y": 31_536_000_000,
    "w": 604_800_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1000,
    "ms": 1,
}

#: one duration, without anchors
PATTERN = r"(?:\d+(?:ms|[ywdhms]))+"

_ORDERED = re.compile("".join(rf"(?:(?P<{unit}>\d+){unit})?" for unit in MILLISECONDS))


def to_milliseconds(text: str) -> int:
    """Read one duration.

    >>> to_milliseconds("1h30m")
    5400000

    Raises:
        ValueError: when it is none, or its units are not in descending order.
    """
    if text == "0":
        return 0
    found = _ORDERED.fullmatch(text)
    if not text or found is None:
        raise ValueError(f"'{text}' is not a duration such as 5m, 1h30m or 500ms")
    return sum(int(count) * MILLISECONDS[unit] for unit, count in found.groupdict().items() if count)


def to_text(milliseconds: int) -> str:
    """Write one duration in the largest units that tell it exactly; years and weeks as days.

    >>> to_text(90_500)
    '1m30s500ms'
    """
    parts: list[str] = []
    for unit, size in MILLISECONDS.items():
        if unit not in {"y", "w"}:
            count, milliseconds = divmod(milliseconds, size)
            parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"
