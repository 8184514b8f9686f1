"""The durations of a PromQL expression, found without parsing all of PromQL.

Three places hold one: a range ``[5m]``, a subquery ``[1h:1m]`` and an ``offset 1h``. What looks like a
duration inside a quoted string, a comment or a name is none, so the text is split into those and the rest. A
time written as a plain number of seconds can't be told from any other number: rules here don't use one.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from alerting.durations import PATTERN, to_milliseconds

Rewrite = Callable[[str], str]

# the leftmost alternative that matches wins: strings with escapes, raw strings and comments come first
_PLACES = re.compile(
    rf"""
      (?P<opaque> "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | `[^`]*` | \#[^\n]* )
    | (?P<open> \[\s* ) (?P<range>{PATTERN}) (?P<colon> \s*:\s* )? (?P<step>{PATTERN})? (?P<close> \s*\] )
    | (?P<word> \b(?i:offset)\s+ (?:-\s*)? ) (?P<offset>{PATTERN}) (?![\w:])
    | (?P<odd> \[[^\]]*\]? | \b(?i:offset)\s+[-(\d]\S* )
    """,
    re.VERBOSE | re.DOTALL,
)


def rewrite_durations(expression: str, span: Rewrite, step: Rewrite) -> str:
    """Pass ranges and offsets through ``span`` and the steps of subqueries through ``step``.

    >>> rewrite_durations('rate(x{y="[5m]"}[5m] offset 1h)', span=str.upper, step=str)
    'rate(x{y="[5m]"}[5M] offset 1H)'

    Raises:
        ValueError: when a range or an offset is not a plain duration, such as ``[2 * 5m]`` in Prometheus 3.
    """

    def replace(found: re.Match[str]) -> str:
        if found["opaque"]:
            return found[0]
        if found["odd"]:
            raise ValueError(f"'{found['odd']}' holds no plain duration such as 5m or 1h30m")
        if found["offset"]:
            return found["word"] + span(found["offset"])
        every = step(found["step"]) if found["step"] else ""
        return found["open"] + span(found["range"]) + (found["colon"] or "") + every + found["close"]

    return _PLACES.sub(replace, expression)


def require_plain_durations(expression: str) -> str:
    """Return ``expression`` when each of its durations can be read.

    Raises:
        ValueError: with the one that can't.
    """

    def read(duration: str) -> str:
        to_milliseconds(duration)
        return duration

    return rewrite_durations(expression, span=read, step=read)
