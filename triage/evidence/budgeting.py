"""What all the evidence of one case may weigh together, in tokens, and what is left out first.

A model reads no more than its context, and a person no more than a page. Lines that carry an observation or
tell of an error go in first, whatever their source; then each source gets its share of what is left.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from triage.evidence.item import EvidenceItem, Line
from triage.evidence.log_record import understand

#: for all the evidence of a case. A token is reckoned as four characters, which is on the safe side for logs
MOST_TOKENS = 60_000
_CHARACTERS_OF_A_TOKEN = 4
#: the number of a line and what separates it
_OVERHEAD = 3
#: what an unweighed line may be about, beside what a log calls an error
_TELLING = re.compile(
    r"(?i)error|fail|denied|refus|killed|back-?off|unhealthy|timeout|timed out|exceed|missing|not found"
    r"|invalid|evict|pending|unschedul|expired|insufficient|throttl|forbidden|unauthorized|critical|high"
)


def tokens_of(line: Line) -> int:
    """What a line weighs."""
    return _OVERHEAD + (len(line.text) + _CHARACTERS_OF_A_TOKEN - 1) // _CHARACTERS_OF_A_TOKEN


def within_budget(items: Sequence[EvidenceItem], most_tokens: int = MOST_TOKENS) -> tuple[EvidenceItem, ...]:
    """The items with as many lines as the budget allows; an item that lost some says so."""
    left = most_tokens
    if sum(tokens_of(line) for item in items for line in item.lines) <= left:
        return tuple(items)
    kept: list[set[int]] = [set() for _ in items]
    ranks = [_ranks(item) for item in items]
    for rank in range(_RANKS):
        waiting = [
            [line for line in item.lines if of_item.get(line.number, _RANKS - 1) == rank]
            for item, of_item in zip(items, ranks, strict=True)
        ]
        left = _shared(waiting, kept, left)
    return tuple(_reduced(item, numbers) for item, numbers in zip(items, kept, strict=True))


_RANKS = 4


def _ranks(item: EvidenceItem) -> dict[int, int]:
    """The rank of each line that is more than one among many: observed, an error, telling."""
    ranks = {line.number: 2 for line in item.lines if _TELLING.search(line.text)}
    ranks |= {line.number: 1 for line in item.lines if understand(line.text).is_severe}
    return ranks | {one.line: 0 for one in item.observations}


def _shared(waiting: Sequence[Sequence[Line]], kept: Sequence[set[int]], left: int) -> int:
    """Hand out ``left`` tokens in equal shares, those who need least first; what remains of it."""
    needs = sorted((sum(tokens_of(line) for line in lines), at) for at, lines in enumerate(waiting) if lines)
    for place, (_, at) in enumerate(needs):
        share = left // (len(needs) - place)
        for line in waiting[at]:
            weight = tokens_of(line)
            if weight > share:
                break
            kept[at].add(line.number)
            share -= weight
            left -= weight
    return left


def _reduced(item: EvidenceItem, numbers: set[int]) -> EvidenceItem:
    lost = len(item.lines) - len(numbers)
    if not lost:
        return item
    told = f"{lost} lines are left out to keep the evidence within its budget"
    return item.model_copy(
        update={
            "lines": tuple(line for line in item.lines if line.number in numbers),
            "observations": tuple(one for one in item.observations if one.line in numbers),
            "note": f"{item.note}; {told}" if item.note else told,
        }
    )
