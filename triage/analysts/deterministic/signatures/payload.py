"""Requests or answers that are costly to decode or encode: large batches, deep documents."""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.phases import phase_times
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.commands import read_log
from triage.symptom import Symptom

_DOMINANT = 0.6


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look whether time goes to reading requests or writing answers."""
    phases = phase_times(facts)
    if phases is None:
        return None
    phase = phases.dominant
    if phase == "predict":
        other = max(
            (p for p in phases.seconds if p != "predict"), key=lambda p: phases.seconds[p], default=None
        )
        if other is None or not phases.is_measured(other):
            return None
        return RuledOut(
            kind="payload",
            title="Requests that are costly to decode or encode",
            reason=f"Of a slow request's time only {phases.share(other):.0%} goes to {other}.",
            citations=(phases.facts[other].cite(),),
        )
    if phases.share(phase) < _DOMINANT:
        return None
    return Cause(
        kind="payload",
        title=f"Requests are costly to {phase}",
        explanation=(
            f"{phase.capitalize()} takes {phases.share(phase):.0%} of a slow request's time "
            f"({phases.seconds[phase]:.3g} s), more than the model itself: look for much larger batches."
        ),
        confidence=confidence(0.55, (phases.share(phase) >= 0.8, 0.15)),
        remediation=(
            Remedy(
                text="Find the caller that sends large batches, and ask it to send smaller ones.",
                command=read_log(facts.case.scope),
            ),
        ),
        citations=(phases.facts[phase].cite(),),
        found_by=ANALYST,
    )


SIGNATURE = Signature(
    kind="payload",
    looks_for="decoding or encoding taking most of a request's time",
    symptoms=frozenset({Symptom.LATENCY}),
    judge=judge,
)
