"""Asks every signature that fits the alert, and says what each found."""

from __future__ import annotations

from collections.abc import Sequence

from triage.alert import AlertStatus
from triage.analysts.analysis import Analysis, Cause, Hypothesis, RuledOut
from triage.analysts.analyst import Case
from triage.analysts.deterministic.calibration import LEAST_CLAIMED
from triage.analysts.deterministic.explaining import ordered
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.signature import ANALYST, Signature
from triage.analysts.deterministic.signatures import SIGNATURES


class DeterministicAnalyst:
    """Rules over evidence. It needs nothing but the case, and abstains when no rule fits."""

    name = ANALYST

    def __init__(self, signatures: Sequence[Signature] = SIGNATURES) -> None:
        self._signatures = signatures

    def analyse(self, case: Case) -> Analysis:
        """Causes by falling confidence; what was ruled out; what stayed a guess or open.

        A finding that is less likely than not is a guess, and so is every finding about an alert that has
        resolved by itself: what the evidence shows then is what the system got over.
        """
        facts = Facts(case)
        found: list[Cause] = []
        ruled_out: list[RuledOut] = []
        not_seen: list[str] = []
        for signature in self._signatures:
            if not signature.applies(facts):
                continue
            match signature.judge(facts):
                case Cause() as cause:
                    found.append(cause)
                case RuledOut() as out:
                    ruled_out.append(out)
                case None:
                    not_seen.append(signature.looks_for)
        resolved = case.alert.status is AlertStatus.RESOLVED
        causes = ordered([cause for cause in found if cause.confidence >= LEAST_CLAIMED])
        weak = [cause for cause in ordered(found) if cause.confidence < LEAST_CLAIMED]
        guessed = [*causes, *weak] if resolved else weak
        return Analysis(
            analyst=self.name,
            causes=() if resolved else tuple(causes),
            ruled_out=tuple(ruled_out),
            hypotheses=tuple(_guess(one, resolved) for one in guessed),
            not_seen=tuple(not_seen),
        )


def _guess(cause: Cause, resolved: bool) -> Hypothesis:  # noqa: FBT001 - a fact, not a switch
    why = (
        "the alert has resolved; this is what the evidence still shows of it"
        if resolved
        else "the evidence fits it, but other causes would leave the same traces"
    )
    return Hypothesis(
        title=cause.title, explanation=cause.explanation, why_unproven=why, found_by=cause.found_by
    )
