"""What a person would do first: the causes' own steps, else how to find out more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from triage.analysts.analysis import Cause, Remedy
from triage.evidence.item import EvidenceItem, EvidenceStatus

_MOST = 5
_UNREAD = frozenset({EvidenceStatus.ERROR, EvidenceStatus.TIMEOUT, EvidenceStatus.FORBIDDEN})


def next_steps(causes: Sequence[Cause], evidence: Iterable[EvidenceItem], runbook: str) -> tuple[Remedy, ...]:
    """At most five steps, each once: each cause's first step, then the likeliest cause's others."""
    firsts = [cause.remediation[0] for cause in causes if cause.remediation]
    others = [remedy for cause in causes[:1] for remedy in cause.remediation[1:]]
    wanted = [*firsts, *others]
    if not causes:
        unread = [item.source for item in evidence if item.status in _UNREAD]
        if unread:
            wanted.append(Remedy(text=f"Look yourself at what could not be read: {', '.join(unread[:4])}."))
        if runbook:
            wanted.append(Remedy(text=f"Follow the runbook {runbook}."))
    return tuple(_merged(wanted))[:_MOST]


def _merged(steps: Sequence[Remedy]) -> Iterable[Remedy]:
    """Each text once and each command once: what the same command shows is one step."""
    texts: dict[str, list[str]] = {}
    for step in dict.fromkeys(steps):
        texts.setdefault(step.command or step.text, []).append(step.text)
    commands = {step.command for step in steps}
    return [
        Remedy(text=" ".join(dict.fromkeys(said)), command=key if key in commands else None)
        for key, said in texts.items()
    ]
