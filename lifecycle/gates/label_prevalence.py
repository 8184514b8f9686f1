"""Are the labels still those of the same world?"""

from __future__ import annotations

import math
from dataclasses import dataclass

from homeostat.release import GateResult, Outcome
from lifecycle.gates.evidence import Evidence
from lifecycle.gates.verdict import not_applicable, tell


@dataclass(frozen=True, slots=True)
class _Finding:
    """One class's share beside one range that it should lie in."""

    label: str
    share: float
    low: float
    high: float
    source: str

    @property
    def outside(self) -> float:
        """How far the share lies outside its range (negative inside); infinite for what is not a number."""
        distance = max(self.low - self.share, self.share - self.high)
        return distance if math.isfinite(distance) else math.inf

    @property
    def bound(self) -> float:
        """The end of the range that is crossed or nearest."""
        return self.low if self.low - self.share >= self.share - self.high else self.high


class LabelPrevalence:
    """Each class's share of the training labels stays near the champion's and inside its declared range."""

    name = "label_prevalence"

    def judge(self, evidence: Evidence) -> GateResult:
        """Compare every class with every range there is; the one farthest outside is told."""
        findings = _findings(evidence)
        if not findings:
            return not_applicable(
                self.name,
                "There is neither a champion nor an expected_prevalence to compare the labels with.",
            )
        worst = max(findings, key=lambda finding: finding.outside)
        passed = worst.outside <= 0
        where = "inside" if passed else "outside"
        measured = math.isfinite(worst.share)
        share, _ = tell(worst.share, worst.bound)
        found = f"is {share}" if measured else f"could not be measured (it is {worst.share})"
        return GateResult(
            name=self.name,
            outcome=Outcome.PASSED if passed else Outcome.FAILED,
            value=worst.share if measured else None,
            bound=worst.bound,
            sentence=f"The share of '{worst.label}' among the training labels {found}, {where} the range "
            f"{worst.low:.4g} to {worst.high:.4g} {worst.source}.",
        )


def _findings(evidence: Evidence) -> list[_Finding]:
    """A class that one side lacks has the share 0 there."""
    found = [
        _Finding(label, evidence.prevalence.get(label, 0.0), known.min, known.max, "that model.yaml expects")
        for label, known in evidence.bounds.expected_prevalence.items()
    ]
    if evidence.champion is not None:
        shift = evidence.bounds.maximum_prevalence_shift
        then = evidence.champion.prevalence
        labels = sorted({*evidence.prevalence, *then})
        source = f"around the labels of version {evidence.champion.version}"
        for label in labels:
            share = then.get(label, 0.0)
            found.append(
                _Finding(
                    label,
                    evidence.prevalence.get(label, 0.0),
                    max(share - shift, 0.0),
                    min(share + shift, 1.0),
                    source,
                )
            )
    return found
