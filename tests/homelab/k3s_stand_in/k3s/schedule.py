"""When scheduled snapshots are due, from cron's five fields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Schedule:
    """Due once in each minute that the expression names."""

    expression: str
    _last: str = ""

    def is_due(self, now: datetime | None = None) -> bool:
        """Whether it is due now, and was not told so in this minute."""
        moment = now or datetime.now().astimezone()
        minute = moment.strftime("%Y%m%d%H%M")
        if minute == self._last or not matches(self.expression, moment):
            return False
        self._last = minute
        return True


def matches(expression: str, moment: datetime) -> bool:
    """Whether the expression names the minute.

    >>> matches("*/5 8-10 * * 1,3", datetime(2026, 3, 4, 9, 25))
    True
    """
    fields = expression.split()
    if len(fields) != 5:
        raise ValueError(f"'{expression}' has {len(fields)} fields instead of five")
    parts = (moment.minute, moment.hour, moment.day, moment.month, moment.isoweekday() % 7)
    return all(_names(field, part) for field, part in zip(fields, parts, strict=True))


def _names(field: str, number: int) -> bool:
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span == "*":
            first, last = 0, number
        else:
            low, _, high = span.partition("-")
            first, last = int(low), int(high or low)
        if first <= number <= last and (number - first) % int(step or 1) == 0:
            return True
    return False
