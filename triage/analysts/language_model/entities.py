"""The names in a claim: pods, files, versions, hosts. A model that invents one is caught by it."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: a word that no prose has: parts joined by a sign, letters beside digits, or capitals inside
_NAME = re.compile(
    r"[A-Za-z0-9]+(?:[-_./:@][A-Za-z0-9]+)+|[A-Za-z]+\d+[A-Za-z0-9]*|\d+[A-Za-z]+\d*|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*"
)
_QUOTED = re.compile(r"(?<!\w)'([^']{2,80})'(?!\w)|\"([^\"]{2,80})\"")
#: joined words of plain English, and units that a reader adds
_PROSE = re.compile(r"(?i)[a-z]{2,}(?:-[a-z]{2,})+|[a-z]+/[a-z]+|\d+(?:ms|s|x|%)")
#: one inside a name is checked with the name
_NUMBER = re.compile(r"(?<![\w.-])\d+(?:\.\d+)?")


def entities(text: str) -> Iterable[str]:
    """The names in a text, in their order.

    >>> list(entities("Pod web-7f9c of shop/web can't read 'db-auth' at start-up"))
    ['db-auth', 'web-7f9c', 'shop/web']
    """
    for match in _QUOTED.finditer(text):
        yield match.group(1) or match.group(2)
    for match in _NAME.finditer(_QUOTED.sub(" ", text)):
        if not _PROSE.fullmatch(match.group(0)) or _is_path_like(match.group(0)):
            yield match.group(0)


def numbers(text: str) -> Iterable[str]:
    """The numbers in a text.

    >>> list(numbers("0.9 s after 12 requests"))
    ['0.9', '12']
    """
    return _NUMBER.findall(text)


def invented(text: str, known: str) -> str | None:
    """The first name or number of ``text`` that ``known`` does not hold, as a report names it."""
    said = known.casefold()
    for name in entities(text):
        if name.casefold() not in said:
            return f"the name '{name}'"
    held = set(numbers(known))
    return next((f"the number {number}" for number in numbers(text) if number not in held), None)


def _is_path_like(word: str) -> bool:
    """``shop/web`` names something; ``and/or`` does not."""
    return "/" in word and word.casefold() not in {"and/or", "yes/no", "input/output", "client/server"}
