"""Does a good average hide people for whom the model fails?"""

from __future__ import annotations

import math

from homeostat.release import GateResult
from lifecycle.gates.evidence import Evidence, SliceScore
from lifecycle.gates.verdict import at_least, not_applicable


class WorstSlice:
    """The metric on the worst declared slice; a slice that could not be scored counts as the worst."""

    name = "worst_slice"

    def judge(self, evidence: Evidence) -> GateResult:
        """Compare the worst slice's metric."""
        if not evidence.slices:
            return not_applicable(self.name, "model.yaml declares no slices.")
        worst = min(evidence.slices, key=_badness)
        found = f"{evidence.metric_title} of the worst slice, '{worst.name}' with {worst.rows} test rows,"
        return at_least(
            self.name,
            found,
            worst.value,
            evidence.bounds.minimum_slice_metric,
            f"{found} is {{value}}, which {{verdict}} {{bound}}.",
        )


def _badness(score: SliceScore) -> float:
    return score.value if score.value is not None and math.isfinite(score.value) else -math.inf
