"""The header ``Retry-After``: seconds, or a date by the sender's own clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def retry_after(value: str | None, date: str | None = None) -> timedelta | None:
    """How long to wait, or None when nothing usable is said.

    ``date`` is the answer's own ``Date``: against it a date is measured, so that our clock does not matter.

    >>> retry_after("30")
    datetime.timedelta(seconds=30)
    """
    if not value:
        return None
    if value.strip().isdecimal():
        # longer numbers are no times, and int() refuses the longest
        return timedelta(seconds=min(int(value.strip()[:9]), 86_400))
    until = http_date(value)
    since = http_date(date) or datetime.now(UTC)
    return max(timedelta(), until - since) if until else None


def http_date(value: str | None) -> datetime | None:
    """An HTTP date as an aware time, or None when it is none."""
    if not value:
        return None
    try:
        parsed = parsedate_to_datetime(value)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
