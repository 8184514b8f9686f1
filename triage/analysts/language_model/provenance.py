"""Where a claim's words come from: from lines that tell what happened, or from text that wants to be obeyed.

A quote can be true and the sentence above it still be dictated by a planted line. So a title has to say
something that the cited lines say, and no word of a claim may come only from text that talks to its reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from triage.alert import Alert
from triage.analysts.citations import gives_instructions
from triage.evidence.item import EvidenceItem, EvidenceKind

_WORD = re.compile(r"[^\W_]{4,}")
#: in what people write, as in a commit's message, an instruction is often longer than a line
_NEIGHBOURS = 3
#: so much of a word is compared, so that "refused" is said by "refuses"
_STEM = 5


def is_dictated(prose: str, evidence: Iterable[EvidenceItem], alert: Alert) -> bool:
    """Whether a word of ``prose`` stands only where the evidence talks to its reader."""
    dictated: set[str] = set()
    told: set[str] = set()
    for item in evidence:
        suspect = _suspect(item)
        for line in item.lines:
            (dictated if line.number in suspect else told).update(_stems(line.text))
    for text in (*alert.labels.values(), *alert.annotations.values()):
        (dictated if gives_instructions(text) else told).update(_stems(text))
    return bool((dictated - told) & _stems(prose))


def is_grounded(title: str, cited: str) -> bool:
    """Whether the title shares a word with what is cited."""
    return bool(_stems(title) & _stems(cited))


def _suspect(item: EvidenceItem) -> AbstractSet[int]:
    talking = [line.number for line in item.lines if gives_instructions(line.text)]
    reach = _NEIGHBOURS if item.kind is EvidenceKind.CHANGE else 0
    return {number + away for number in talking for away in range(-reach, reach + 1)}


def _stems(text: str) -> set[str]:
    return {word.casefold()[:_STEM] for word in _WORD.findall(text)}
