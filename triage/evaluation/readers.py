"""What readers said of reports, beside what the scenarios say: by the kind of a report's first cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from triage.report.feedback import GivenFeedback, Verdict

NO_CAUSE = "no cause"


@dataclass(frozen=True, slots=True)
class Judged:
    """The readers' verdicts on reports whose first cause is of one kind."""

    kind: str
    right: int
    wrong: int
    #: what it was instead, where somebody said so, the most frequent first
    instead: tuple[str, ...]


def judged(feedback: Sequence[GivenFeedback]) -> Sequence[Judged]:
    """The kinds that were judged, the most often wrong first; of one incident the last word counts."""
    last = {one.incident_id: one for one in sorted(feedback, key=lambda one: one.given_at)}
    kinds = {one.reported or NO_CAUSE for one in last.values()}
    return sorted((_of(kind, list(last.values())) for kind in kinds), key=lambda one: (-one.wrong, one.kind))


def _of(kind: str, words: Sequence[GivenFeedback]) -> Judged:
    some = [one for one in words if (one.reported or NO_CAUSE) == kind]
    wrong = [one for one in some if one.verdict is Verdict.WRONG]
    instead = Counter(one.cause for one in wrong if one.cause)
    return Judged(kind, len(some) - len(wrong), len(wrong), tuple(name for name, _ in instead.most_common()))
