"""The durations of a PromQL expression, found without parsing all of PromQL.

Three places hold one: a range ``[5m]``, a subquery ``[1h:1m]`` and an ``offset 1h``. What looks like a
duration inside a quoted string, a comment or a name is none, so the text is split into those and the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from alerting.durations import PATTERN

Rewrite = Callable[[str], str]

# strings with escapes, raw strings and comments stand first: the leftmost alternative that matches wins
_PLACES = re.compile(
    rf"""
      (?P<opaque> "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | `[^`]*` | \#[^\n]* )
    | \[ \s* (?P<range>{PATTERN}) \s* (?: (?P<colon>:) \s* (?P<step>{PATTERN})? \s* )? \]
    | \b (?P<word>offset) (?P<gap>\s+ -? \s*) (?P<offset>{PATTERN}) (?![\w:])
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def rewrite_durations(expression: str, span: Rewrite, step: Rewrite) -> str:
    """Pass ranges and offsets through ``span`` and the steps of subqueries through ``step``.

    >>> rewrite_durations('rate(x{y="[5m]"}[5m] offset 1h)', span=str.upper, step=str)
    'rate(x{y="[5m]"}[5M] offset 1H)'
    """

    def replace(found: re.Match[str]) -> str:
        if found["opaque"]:
            return found[0]
        if found["offset"]:
            return f"{found['word']}{found['gap']}{span(found['offset'])}"
        every = step(found["step"]) if found["step"] else ""
        return f"[{span(found['range'])}{found['colon'] or ''}{every}]"

    return _PLACES.sub(replace, expression)
