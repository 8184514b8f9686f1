"""Asks every signature that fits the alert, and says what each found."""

from __future__ import annotations

from collections.abc import Sequence

from triage.analysts.analysis import Analysis, Cause, RuledOut
from triage.analysts.analyst import Case
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.signature import ANALYST, Signature
from triage.analysts.deterministic.signatures import SIGNATURES


class DeterministicAnalyst:
    """Rules over evidence. It needs nothing but the case, and abstains when no rule fits."""

    name = ANALYST

    def __init__(self, signatures: Sequence[Signature] = SIGNATURES) -> None:
        self._signatures = signatures

    def analyse(self, case: Case) -> Analysis:
        """Causes by falling confidence; what was ruled out; what stayed open."""
        facts = Facts(case)
        causes: list[Cause] = []
        ruled_out: list[RuledOut] = []
        not_seen: list[str] = []
        for signature in self._signatures:
            if not signature.applies(case.scope):
                continue
            match signature.judge(facts):
                case Cause() as cause:
                    causes.append(cause)
                case RuledOut() as out:
                    ruled_out.append(out)
                case None:
                    not_seen.append(signature.looks_for)
        causes.sort(key=lambda cause: -cause.confidence)
        return Analysis(
            analyst=self.name, causes=tuple(causes), ruled_out=tuple(ruled_out), not_seen=tuple(not_seen)
        )
