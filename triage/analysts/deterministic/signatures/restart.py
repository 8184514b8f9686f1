"""A restart right before the trouble: a cold start, or a server that lost its warm state."""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.facts import Fact, Facts
from triage.analysts.deterministic.served import NORMAL_SHARE, WELL_SECONDS, series_of, served_version
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.clock import stamp
from triage.commands import see_status
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
    warm = _warm(facts, gap)
    if warm or gap > _COLD_SECONDS:
        well = " and answered quickly until then" if warm else ""
        return RuledOut(
            kind="restart",
            title="A restart of the model server",
            reason=f"The model was last loaded {gap:.0f} s before the onset at {stamp(onset)}{well}.",
            citations=(last.cite(), *((warm.cite(),) if warm else ())),
        )
    return Cause(
        kind="restart",
        title="The model server had just been restarted",
        explanation=f"The model was loaded {gap:.0f} s before the symptom began at {stamp(onset)}.",
        confidence=confidence(0.35, (len(loads) > 1, 0.15)),
        remediation=(Remedy(text="See whether it keeps restarting.", command=see_status(facts.case.scope)),),
        citations=tuple(fact.cite() for fact in loads[-3:]),
        found_by=ANALYST,
    )


def _warm(facts: Facts, gap_seconds: float) -> Fact | None:
    """The fact that shows quick answers between the restart and the onset: a cold start is slow at once."""
    served = served_version(facts)
    series = series_of(facts, served) if served else None
    if facts.case.scope.symptom is not Symptom.LATENCY or series is None or gap_seconds < WELL_SECONDS:
        return None
    before, after = series.number("just_before"), series.number("after")
    return series if before is not None and after is not None and before <= NORMAL_SHARE * after else None


SIGNATURE = Signature(
    kind="restart",
    looks_for="a restart of the server right before the onset",
    symptoms=frozenset({Symptom.LATENCY, Symptom.ERRORS}),
    judge=judge,
)
