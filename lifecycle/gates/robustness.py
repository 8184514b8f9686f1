"""Does one broken input break the answer?"""

from __future__ import annotations

from homeostat.release import GateResult
from lifecycle.gates.evidence import Evidence
from lifecycle.gates.verdict import at_most


class Robustness:
    """How far the metric falls at worst while one input is missing or out of its range."""

    name = "robustness"

    def judge(self, evidence: Evidence) -> GateResult:
        """Compare the worst fall."""
        stress = evidence.stress
        case = stress.case if stress is not None else "any input broken"
        return at_most(
            self.name,
            f"The fall of {evidence.metric_name} with {case}",
            stress.drop if stress is not None else None,
            evidence.bounds.maximum_robustness_drop,
            f"With {case}, the worst way to break one input of every row, {evidence.metric_name} falls by "
            "{value}, which {verdict} {bound}.",
        )
