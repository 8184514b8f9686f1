"""Is the candidate fast enough to serve?"""

from __future__ import annotations

from homeostat.release import GateResult
from lifecycle.gates.evidence import Evidence
from lifecycle.gates.verdict import at_most


class PredictionLatency:
    """The 95th percentile of predicting one row."""

    name = "prediction_latency"

    def judge(self, evidence: Evidence) -> GateResult:
        """Compare the latency in seconds."""
        return at_most(
            self.name,
            "The time to predict one row",
            evidence.latency_seconds,
            evidence.bounds.maximum_latency_seconds,
            "Predicting one row takes {value} ms at the 95th percentile, which {verdict} {bound} ms.",
            scale=1000.0,
        )
