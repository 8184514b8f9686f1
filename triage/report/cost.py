"""What a report cost, in words."""

from __future__ import annotations

from triage.report.spans import spelled
from triage.report.spending import Spending


def cost_of(spending: Spending) -> str:
    """Time by phase, then calls, tokens and money; empty when nothing was counted.

    >>> cost_of(Spending(calls=1, input_tokens=1200, output_tokens=80, cost_usd=0.0031))
    '1 call of a language model, 1200 tokens read and 80 written, 0.0031 USD'
    """
    parts: list[str] = []
    if spending.phases:
        phases = ", ".join(f"{phase.name} {spelled(phase.seconds)}" for phase in spending.phases)
        parts.append(f"{spelled(spending.seconds)} ({phases})")
    if spending.calls:
        plural = "" if spending.calls == 1 else "s"
        parts.append(f"{spending.calls} call{plural} of a language model")
        parts.append(f"{spending.input_tokens} tokens read and {spending.output_tokens} written")
    if spending.cost_usd:
        parts.append(f"{spending.cost_usd:.4f} USD")
    if spending.cached:
        parts.append("an earlier answer to the same evidence was used again")
    return ", ".join(parts)
