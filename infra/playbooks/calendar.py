"""Schedules as people write them (cron) for what runs them here (systemd's timers).

Whoever wrote ``backups.schedule`` knows cron from Kubernetes and K3s; the hosts have systemd and no cron.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_NAMES = {
    "@yearly": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_PART = re.compile(r"(?P<first>\*|\d+)(?:-(?P<last>\d+))?(?:/(?P<step>\d+))?")
#: name, lowest and highest number of cron's five fields
_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("day of the week", 0, 7))


def on_calendar(cron: str) -> str:
    """The schedule as systemd's ``OnCalendar=``, in UTC as Kubernetes reads it.

    >>> on_calendar("0 */6 * * *")
    '*-*-* 00,06,12,18:00:00 UTC'
    >>> on_calendar("30 2 * * 1-5")
    'Mon,Tue,Wed,Thu,Fri *-*-* 02:30:00 UTC'

    Raises:
        ValueError: when it is no schedule, or one that systemd can't keep.
    """
    words = _NAMES.get(cron.strip(), cron).split()
    if len(words) != len(_FIELDS):
        raise ValueError(f"'{cron}' is no schedule: five fields are wanted, such as '0 */6 * * *'")
    minutes, hours, days, months, weekdays = (
        _numbers(cron, word, *field) for word, field in zip(words, _FIELDS, strict=True)
    )
    if days and weekdays:
        raise ValueError(f"'{cron}' names both days of the month and of the week: choose one of them")
    week = [_DAYS[day] for day in sorted({day % 7 for day in weekdays})]
    date = f"*-{_listed(months)}-{_listed(days)}"
    return f"{','.join(week)} {date} {_listed(hours)}:{_listed(minutes)}:00 UTC".strip()


def _listed(numbers: Sequence[int]) -> str:
    return ",".join(f"{number:02}" for number in numbers) or "*"


def _numbers(cron: str, word: str, name: str, lowest: int, highest: int) -> Sequence[int]:
    """The numbers that a field names; none when it names all."""
    if word == "*":
        return []
    found: set[int] = set()
    for part in word.split(","):
        match = _PART.fullmatch(part)
        if not match:
            raise ValueError(f"'{cron}' is no schedule: the {name} is '{part}'")
        step = int(match["step"] or 1)
        whole = match["first"] == "*"
        first = lowest if whole else int(match["first"])
        # cron reads 5/10 as 5-59/10
        last = highest if whole or (match["step"] and not match["last"]) else int(match["last"] or first)
        if not (lowest <= first <= last <= highest and step):
            raise ValueError(f"'{cron}' is no schedule: the {name} is '{part}', not {lowest} to {highest}")
        found |= set(range(first, last + 1, step))
    return sorted(found)
