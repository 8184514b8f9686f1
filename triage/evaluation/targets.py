"""What the deterministic analyst has to reach before a reader should trust it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from triage.evaluation.scoring import Score
from triage.evaluation.summary import Share, summary

TOP_1, TOP_3, ABSTAINED = 0.85, 0.95, 0.90


def missed(scores: Sequence[Score]) -> Sequence[str]:
    """A sentence for each target that these scores miss."""
    all_of_them = summary("all", scores)
    return [
        *_below("of the positives have the right cause first", all_of_them.top_1, TOP_1),
        *_below("of the positives have it among three", all_of_them.top_3, TOP_3),
        *_below("of the negatives were abstained on", all_of_them.abstained, ABSTAINED),
        *_below("of the citations hold", all_of_them.citations, 1.0),
        *(f"{one.scenario.name} shows {', '.join(one.leaked)}." for one in scores if one.leaked),
    ]


def _below(what: str, share: Share, target: float) -> Iterable[str]:
    if share.ratio is not None and share.ratio < target:
        yield f"{share} {what}; the target is {target:.0%}."
