"""Is the candidate good enough, even if the test rows flattered it?"""

from __future__ import annotations

from homeostat.release import GateResult
from lifecycle.gates.evidence import Evidence
from lifecycle.gates.verdict import at_least


class MinimumMetric:
    """The lower end of the metric's interval reaches the bound: luck with the test rows is not enough."""

    name = "minimum_metric"

    def judge(self, evidence: Evidence) -> GateResult:
        """Compare the interval's lower end."""
        found = evidence.metric
        shown = evidence.metric_name[:1].upper() + evidence.metric_name[1:]
        interval = (
            f" ({found.confidence:.0%} interval {found.low:.3g} to {found.high:.3g})"
            if found is not None
            else ""
        )
        return at_least(
            self.name,
            found.low if found is not None else None,
            evidence.bounds.minimum_metric,
            f"{shown} is at least {{value}}{interval}, {{verdict}} {{bound}}.",
        )
