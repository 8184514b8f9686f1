"""What every gate is."""

from __future__ import annotations

from typing import Protocol

from homeostat.release import GateResult
from lifecycle.gates.evidence import Evidence


class Gate(Protocol):
    """One named question about a candidate, answered from measured numbers alone."""

    @property
    def name(self) -> str:
        """The name under which the verdict is recorded."""
        ...

    def judge(self, evidence: Evidence) -> GateResult:
        """Answer with the verdict, the value, the bound and one sentence; never raise over a bad number."""
        ...
