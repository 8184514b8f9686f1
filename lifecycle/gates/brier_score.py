"""Are the probabilities both calibrated and sharp?"""

from __future__ import annotations

from homeostat.release import GateResult
from lifecycle.gates.evidence import Evidence
from lifecycle.gates.verdict import at_most


class BrierScore:
    """The Brier score over all classes: always saying the base rate is calibrated, but does not pass here."""

    name = "brier_score"

    def judge(self, evidence: Evidence) -> GateResult:
        """Compare the Brier score."""
        return at_most(
            self.name,
            "The Brier score",
            evidence.brier_score,
            evidence.bounds.maximum_brier_score,
            "The Brier score is {value}, which {verdict} {bound}.",
        )
