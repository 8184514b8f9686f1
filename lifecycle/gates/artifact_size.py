"""Does the candidate fit where it must run?"""

from __future__ import annotations

from homeostat.release import GateResult
from lifecycle.gates.evidence import Evidence
from lifecycle.gates.verdict import at_most


class ArtifactSize:
    """The size of the serialized model in bytes."""

    name = "artifact_size"

    def judge(self, evidence: Evidence) -> GateResult:
        """Compare the size."""
        return at_most(
            self.name,
            "The size of the serialized model",
            evidence.artifact_bytes,
            evidence.bounds.maximum_artifact_bytes,
            "The serialized model has {value} bytes, which {verdict} {bound}.",
        )
