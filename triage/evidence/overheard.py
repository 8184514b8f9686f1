"""What was understood of lines before they were redacted, without what the redaction took from them.

A secret may be one only by the lines above it: the middle of a private key, or the word below ``password:``.
By itself the text of an observation then shows nothing, and would pass the redaction that it gets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from triage.evidence.item import Observation
from triage.evidence.tail import RawLine

#: shorter words are in no danger of being a secret
_WORD = re.compile(r"[\w+/.~-]{4,}={0,2}")
#: of a line: what follows is kept of no line
_MOST_CHARACTERS = 4_000
_TAKEN = "[redacted]"


def cleared(observations: Iterable[Observation], lines: Iterable[RawLine]) -> Iterator[Observation]:
    """The observations; of their texts no word is left that the redacted line does not show."""
    of = {line.number: line for line in lines}
    for one in observations:
        line = of.get(one.line)
        taken = _taken(line) if line else ()
        if not taken:
            yield one
            continue
        texts = {name: _without(text, taken) for name, text in one.texts.items()}
        yield one.model_copy(update={"texts": texts})


def _taken(line: RawLine) -> tuple[str, ...]:
    raw, shown = line.raw[:_MOST_CHARACTERS], line.text
    if raw in shown:
        return ()
    words = dict.fromkeys(_WORD.findall(raw))
    # the longest first, since one may be part of another
    return tuple(sorted((word for word in words if word not in shown), key=len, reverse=True))


def _without(text: str, taken: Iterable[str]) -> str:
    for word in taken:
        text = text.replace(word, _TAKEN)
    return text
