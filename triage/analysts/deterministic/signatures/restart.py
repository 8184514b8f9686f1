"""A restart right before the trouble: a cold start, or a server that lost its warm state."""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.clock import stamp
from triage.symptom import Symptom

_COLD_SECONDS = 30.0


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Compare the last time that the model was loaded with the onset."""
    onset = facts.onset
    loads = [
        fact
        for fact in facts.all("log.model_loaded", facts.own_log)
        if fact.at and onset and fact.at <= onset
    ]
    if onset is None or not loads:
        return None
    last = max(loads, key=lambda fact: fact.at or onset)
    gap = (onset - (last.at or onset)).total_seconds()
    if gap > _COLD_SECONDS:
        return RuledOut(
            kind="restart",
            title="A restart of the model server",
            reason=f"The model was last loaded {gap:.0f} s before the onset at {stamp(onset)}.",
            citations=(last.cite(),),
        )
    return Cause(
        kind="restart",
        title="The model server had just been restarted",
        explanation=f"The model was loaded {gap:.0f} s before the symptom began at {stamp(onset)}.",
        confidence=confidence(0.35, (len(loads) > 1, 0.15)),
        remedies=(Remedy(text="See whether it keeps restarting.", command="homeostat process status"),),
        citations=tuple(fact.cite() for fact in loads[-3:]),
        found_by=ANALYST,
    )


SIGNATURE = Signature(
    kind="restart",
    looks_for="a restart of the server right before the onset",
    symptoms=frozenset({Symptom.LATENCY, Symptom.ERRORS}),
    judge=judge,
)
