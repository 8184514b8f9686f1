"""Lines that complain, and still do: not what only sounds bad, was taken back, or was there all along."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from triage.analysts.deterministic.facts import Fact, Facts

#: what was said longer ago than this before the alert does not explain it
_STALE = timedelta(minutes=60)
_HARMLESS = re.compile(
    r"(?i)(?<![\w.])(?:0|no|zero|without(?: any)?)\s+(?:[a-z]\w*\s+)?(?:errors?|failures?|warnings?"
    r"|timeouts?|problems?)\b(?!=)"
    r"|\bretr(?:y|ied|ying)\b.*\b(?:ok|succeeded|successful(?:ly)?|worked)\b"
    r"|\b(?:ok|succeeded|recovered|successful) (?:after|on) (?:\w+ )?(?:\d+ )?(?:retr|attempt)"
    r"|\b(?:self-?test|dry[- ]?run|handled gracefully|ignor(?:ed|ing)|as expected)\b"
    r"|^\s*#\s(?!0x|\s*(?:A fatal error|SIG))|^\s*[a-z_:]+(?:\{.*\})?\s+0(?:\.0+)?\s*$"
)
#: a level that says: nothing is wrong
_CALM = re.compile(
    r"(?i)\blevel[\"']?\s*[=:]\s*[\"']?(?:info|debug|trace)\b"
    r"|^\S*\s*\S*\s*[\[(]?(?<!\w)(?:INFO|DEBUG|TRACE|NOTICE)\b(?!: task \S+ blocked|.*(?:terminated by SIG"
    r"|entered FATAL state))"
    r"|^[ID]\d{4} "
)
_WARNING = re.compile(r"(?i)\blevel[\"']?\s*[=:]\s*[\"']?warn|\bWARN(?:ING)?\b|^W\d{4} ")
_SEVERE = re.compile(
    r"(?i)\b(?:error|fatal|critical|panic|crit|emerg|exception|traceback|failed|failure|cannot|can't"
    r"|unable)\b"
    r"|\b\w+(?:Error|Exception)\b|^[EF]\d{4} "
)
_TAKEN_BACK = re.compile(
    r"(?i)\bre-?connected\b|\bconnection (?:re-?)?(?:established|restored|ok)\b|\brecovered\b"
    r"|\bconnected to\b|\bback (?:to normal|online|up)\b|\bhealthy again\b|\breachable again\b"
    r"|\b(?:retry|attempt|request|connect)\w*\b.{0,60}\b(?:ok|succeeded|successful)\b"
)
_VARYING = re.compile(r"0x[0-9a-f]+|[0-9a-f]{8,}|\d+")
#: what had ended this long before the alert, with so many lines after it, was another trouble
_BEFORE, _WENT_ON = timedelta(minutes=2), 5
#: so many calm lines after a single warning say that the program got over it
_GOT_OVER = 3


def complaints(
    facts: Facts, *patterns: re.Pattern[str], but: re.Pattern[str] | None = None
) -> Sequence[Fact]:
    """The lines that match one of the patterns and may explain the alert.

    Those of the earlier patterns come first, of one pattern the severe ones. ``but`` excludes lines that
    belong to another kind of cause.
    """
    matching: dict[tuple[str, int], Fact] = {}
    for pattern in patterns:
        for one in sorted(facts.lines(pattern), key=lambda one: not is_severe(one)):
            matching.setdefault((one.item.id, one.observation.line), one)
    found = [one for one in matching.values() if not _is_harmless(one.text("text"))]
    if but is not None:
        found = [one for one in found if not but.search(one.text("text"))]
    old = _long_known(found, facts.began)
    current = [one for one in found if _shape(one) not in old]
    return [one for one in current if not _is_taken_back(one, current) and not _is_over(one, current, facts)]


def _is_over(fact: Fact, found: Sequence[Fact], facts: Facts) -> bool:
    """Whether the source went on for a while without it before the alert even began."""
    mine = [one for one in found if one.item.id == fact.item.id]
    last = max(mine, key=lambda one: one.observation.line)
    if last.at is None or last.at >= facts.began - _BEFORE or fact.item.id in facts.event_items:
        return False
    later = [line.text for line in fact.item.lines if line.number > last.observation.line]
    return sum(_is_calm(text) for text in later) >= _WENT_ON


def _is_calm(text: str) -> bool:
    return bool(text.strip()) and not _SEVERE.search(text) and not _WARNING.search(text)


def is_severe(fact: Fact) -> bool:
    """Whether the line calls itself an error, or is one."""
    text = fact.text("text")
    return _SEVERE.search(text) is not None and _WARNING.search(text) is None


def is_current(facts: Facts, at: datetime | None) -> bool:
    """Whether something of that time may belong to the alert; what names no time may."""
    return at is None or at >= facts.began - _STALE


def _is_harmless(text: str) -> bool:
    return bool(_HARMLESS.search(text) or _CALM.search(text))


def _shape(fact: Fact) -> str:
    return f"{fact.item.id} {_VARYING.sub('#', fact.text('text').lower())}"


def _long_known(found: Sequence[Fact], began: datetime) -> frozenset[str]:
    """Shapes of lines that were said long before the alert: over by then, or no trouble at all."""
    return frozenset(_shape(one) for one in found if one.at is not None and one.at < began - _STALE)


def _is_taken_back(fact: Fact, found: Sequence[Fact]) -> bool:
    """Whether the same source says later that it is over, or goes on calmly after one mere warning."""
    mine = [one.observation.line for one in found if one.item.id == fact.item.id]
    later = [line.text for line in fact.item.lines if line.number > max(mine)]
    if any(_TAKEN_BACK.search(text) for text in later):
        return True
    if len(mine) > 1 or not _WARNING.search(fact.text("text")):
        return False
    return sum(_is_calm(text) for text in later) >= _GOT_OVER
