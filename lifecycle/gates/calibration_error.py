"""Do the probabilities mean what they say?"""

from __future__ import annotations

from homeostat.release import GateResult
from lifecycle.gates.evidence import Evidence
from lifecycle.gates.verdict import at_most


class CalibrationError:
    """The expected calibration error: how far confidence is from the share that turns out right."""

    name = "calibration_error"

    def judge(self, evidence: Evidence) -> GateResult:
        """Compare the expected calibration error."""
        return at_most(
            self.name,
            "The expected calibration error",
            evidence.expected_calibration_error,
            evidence.bounds.maximum_calibration_error,
            "The expected calibration error is {value}, which {verdict} {bound}.",
        )
