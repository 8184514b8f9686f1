"""The seam behind which causes are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from triage.alert import Alert
from triage.analysts.analysis import Analysis
from triage.evidence.collector import Scope
from triage.evidence.item import EvidenceItem


@dataclass(frozen=True, slots=True)
class Case:
    """What an analyst is given: one alert and the evidence; it can ask for nothing more."""

    alert: Alert
    scope: Scope
    evidence: Sequence[EvidenceItem]
    #: for whom a language model's cost is reckoned
    incident_id: str = "by-hand"


class Analyst(Protocol):
    """Explains a case, or abstains."""

    @property
    def name(self) -> str:
        """How the report calls it."""
        ...

    def analyse(self, case: Case) -> Analysis:
        """The causes that the evidence supports.

        Raises:
            AnalystUnavailable: when no usable answer could be had; the report stands without it.
        """
        ...
