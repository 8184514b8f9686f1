"""What a report cost: time by phase, and what was asked of language models."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from homeostat.config import Document
from triage.analysts.analysis import Analysis


class Phase(Document):
    """One part of the work."""

    name: str
    seconds: float = Field(ge=0)


class Spending(Document):
    """The cost of one analysis; nothing of it means that nothing was counted."""

    phases: tuple[Phase, ...] = ()
    #: calls of language models, and what they read and wrote
    calls: int = Field(default=0, ge=0)
    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    #: by the prices in the settings; 0 where nothing has a price
    cost_usd: float = Field(default=0.0, ge=0)
    #: an answer to the same evidence was used again
    cached: bool = False

    @property
    def seconds(self) -> float:
        """The time of all phases."""
        return sum(phase.seconds for phase in self.phases)


def spending_of(phases: Sequence[Phase], analyses: Sequence[Analysis]) -> Spending:
    """What the analysts took together."""
    usages = [analysis.usage for analysis in analyses]
    return Spending(
        phases=tuple(phases),
        calls=sum(usage.calls for usage in usages),
        input_tokens=sum(usage.input_tokens for usage in usages),
        output_tokens=sum(usage.output_tokens for usage in usages),
        cost_usd=sum(usage.cost_usd for usage in usages),
        cached=any(usage.cached for usage in usages),
    )
