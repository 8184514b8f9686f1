"""Is the candidate good enough, even if the test rows flattered it?"""

from __future__ import annotations

from homeostat.release import GateResult
from lifecycle.gates.evidence import Evidence
from lifecycle.gates.interval_text import told
from lifecycle.gates.verdict import at_least


class MinimumMetric:
    """The lower end of the metric's interval reaches the bound: luck with the test rows is not enough."""

    name = "minimum_metric"

    def judge(self, evidence: Evidence) -> GateResult:
        """Compare the interval's lower end."""
        found = evidence.metric
        return at_least(
            self.name,
            evidence.metric_title,
            found.low if found is not None else None,
            evidence.bounds.minimum_metric,
            f"{evidence.metric_title} is {told(found)}; the lower end {{verdict}} {{bound}}.",
        )
