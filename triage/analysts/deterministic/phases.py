"""Where a slow request spends its time, by the phase metrics, else by the slow requests in the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triage.analysts.deterministic.facts import Fact, Facts

PHASES = ("decode", "predict", "encode")


@dataclass(frozen=True, slots=True)
class PhaseTimes:
    """Seconds in each phase while the service is slow, and the facts that say so."""

    seconds: Mapping[str, float]
    facts: Mapping[str, Fact]

    @property
    def dominant(self) -> str:
        """The phase that takes longest."""
        return max(self.seconds, key=lambda phase: self.seconds[phase])

    def is_measured(self, phase: str) -> bool:
        """Whether its time was measured at all; a log may tell of some phases only."""
        fact = self.facts[phase]
        return fact.text("phase") == phase or fact.number(phase) is not None

    def share(self, phase: str) -> float:
        """The phase's part of the whole."""
        whole = sum(self.seconds.values())
        return self.seconds.get(phase, 0.0) / whole if whole else 0.0


def phase_times(facts: Facts) -> PhaseTimes | None:
    """The phases from the onset on, or None when nothing measured them."""
    measured = {
        fact.text("phase"): fact for fact in facts.all("phase_p95") if fact.number("after") is not None
    }
    if "predict" in measured:
        return PhaseTimes({phase: fact.amount("after") for phase, fact in measured.items()}, measured)
    slow = facts.first("log.slow_requests", facts.own_log)
    if slow is None or slow.number("predict") is None:
        return None
    return PhaseTimes({phase: slow.amount(phase) for phase in PHASES}, dict.fromkeys(PHASES, slow))
