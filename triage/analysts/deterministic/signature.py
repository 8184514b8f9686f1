"""What a signature is: one kind of cause, when it applies, and how the evidence speaks on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from triage.analysts.analysis import Cause, RuledOut
from triage.analysts.deterministic.facts import Facts
from triage.symptom import Symptom

ANALYST = "deterministic"

#: nothing is ever certain from the outside
_LEAST, _MOST = 0.05, 0.95


@dataclass(frozen=True, slots=True)
class Signature:
    """A kind of cause; ``judge`` answers None when the evidence says neither yes nor no."""

    kind: str
    #: what is looked for, as the report lists it when it stays open
    looks_for: str
    symptoms: frozenset[Symptom]
    judge: Callable[[Facts], Cause | RuledOut | None]
    #: a cause that only pods or what makes them can have
    needs_cluster: bool = False

    def applies(self, facts: Facts) -> bool:
        """Whether an alert of this class, at this place, can have this cause."""
        symptom = facts.case.scope.symptom
        if self.needs_cluster and not facts.is_in_cluster:
            return False
        if symptom is Symptom.HEARTBEAT:
            return False
        return symptom is Symptom.UNKNOWN or symptom in self.symptoms


def confidence(base: float, *grounds: tuple[bool, float]) -> float:
    """``base`` plus the weight of each ground that holds, kept short of certainty.

    >>> confidence(0.5, (True, 0.2), (False, 0.2))
    0.7
    >>> confidence(0.5, (True, 0.9))
    0.95
    """
    total = base + sum(weight for holds, weight in grounds if holds)
    return round(min(_MOST, max(_LEAST, total)), 2)
