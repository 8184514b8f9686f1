"""The time at the beginning of a log line, in the forms that programs commonly write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

#: 2026-01-02T03:04:05.678901234Z, 2026-01-02 03:04:05,678 +0000, 2026/01/02 03:04:05, in brackets or not
_ISO = re.compile(
    r"\[?(\d{4})[-/](\d\d)[-/](\d\d)[T _](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?"
    r" ?(Z|z|UTC|GMT|[+-]\d\d:?\d\d)?(?!\w|:\w)\]?"
)
#: [02/Jan/2026:03:04:05 +0000], as web servers write it after the caller's address
_COMMON_LOG = re.compile(r"\[(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})\]")
#: 1:M 02 Jan 2026 03:04:05.678, as redis writes it
_REDIS = re.compile(r"\d+:[A-Z] (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d)(?:\.(\d+))?")
#: Mon, 02 Jan 2026 03:04:05 +0000, as kubectl describe writes it
_RFC_2822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d\d?) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) ([+-]\d{4})"
)
#: Jan  2 03:04:05, as syslog writes it, and klog's month and day behind its severity: both without a year
_SYSLOG = re.compile(r"([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d)(?= )")
_KLOG = re.compile(r"[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.\d+ ")
_MONTHS = {
    name: at
    for at, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}
#: epochs in seconds, milliseconds, microseconds, nanoseconds: told apart by their size
_EARLIEST_SECONDS = 1e9
_LATEST_SECONDS = 4e9
#: what lies further ahead was written a year before
_AHEAD = timedelta(days=30)


def leading_time(line: str) -> tuple[datetime | None, int]:
    """The time that the line begins with and where the rest of it begins; a time without a zone is UTC.

    >>> leading_time("2026-01-02 03:04:05,678 ERROR no")[0].isoformat()
    '2026-01-02T03:04:05.678000+00:00'
    >>> leading_time("plain words")
    (None, 0)
    """
    match = _ISO.match(line)
    if match:
        *parts, fraction, zone = match.groups()
        return _moment(parts, fraction, zone), match.end()
    if match := _REDIS.match(line):
        day, month, year, hour, minute, second, fraction = match.groups()
        return _moment((year, _month(month), day, hour, minute, second), fraction, None), match.end()
    return None, 0


def web_time(line: str) -> datetime | None:
    """The time of a web server's access line.

    >>> web_time('10.0.0.1 - - [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" 200').isoformat()
    '2026-01-02T03:04:05+00:00'
    """
    match = _COMMON_LOG.search(line, 0, 200)
    if match is None:
        return None
    day, month, year, hour, minute, second, zone = match.groups()
    return _moment((year, _month(month), day, hour, minute, second), None, zone)


def yearless_time(line: str, near: datetime) -> datetime | None:
    """The time of a line that names no year, in the year that brings it closest before ``near``.

    >>> yearless_time("Jan  2 03:04:05 host app[1]: no", datetime(2026, 1, 2, 4, tzinfo=UTC)).isoformat()
    '2026-01-02T03:04:05+00:00'
    """
    if match := _SYSLOG.match(line):
        name, day, *clock = match.groups()
        month = _month(name)
    elif match := _KLOG.match(line):
        month, day, *clock = match.groups()
    else:
        return None
    moment = _moment((str(near.year), month, day, *clock), None, None)
    if moment is None or moment <= near + _AHEAD:
        return moment
    return _moment((str(near.year - 1), month, day, *clock), None, None)


def written_time(text: str) -> datetime | None:
    """A whole text that is a time, as ISO 8601 or as kubectl describe writes it; None for anything else.

    >>> written_time("Fri, 02 Jan 2026 03:04:05 +0100").isoformat()
    '2026-01-02T02:04:05+00:00'
    """
    text = text.strip().strip("'\"")
    if match := _RFC_2822.match(text):
        day, month, year, hour, minute, second, zone = match.groups()
        return _moment((year, _month(month), day, hour, minute, second), None, zone)
    return leading_time(text)[0]


def epoch_time(value: float) -> datetime | None:
    """A number that can be a time since the epoch, in whichever unit makes it one of this age."""
    for unit in (1.0, 1e3, 1e6, 1e9):
        if _EARLIEST_SECONDS <= value / unit <= _LATEST_SECONDS:
            return datetime.fromtimestamp(value / unit, UTC)
    return None


def _month(name: str) -> str:
    return str(_MONTHS.get(name, 0))


def _moment(parts: Sequence[str], fraction: str | None, zone: str | None) -> datetime | None:
    try:
        micros = int(f"{fraction:0<6}"[:6]) if fraction else 0
        year, month, day, hour, minute, second = map(int, parts)
        moment = datetime(year, month, day, hour, minute, min(second, 59), micros, tzinfo=_zone(zone))
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> timezone:
    if text is None or text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)
