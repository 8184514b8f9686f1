"""More requests than the server can answer in time."""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.commands import see_status
from triage.symptom import Symptom

_SURGE = 2.0


def has_surged(facts: Facts) -> bool:
    """Whether traffic at least doubled with the onset: a rise that the server had coped with is none."""
    rate = facts.first("request_rate")
    before = rate.amount("just_before") if rate else 0.0
    return rate is not None and before > 0 and rate.amount("after") >= _SURGE * before


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Compare the rate of requests before and after the onset."""
    rate = facts.first("request_rate")
    if rate is None or not rate.amount("just_before") or rate.number("after") is None:
        return None
    growth = rate.amount("after") / rate.amount("just_before")
    if not has_surged(facts):
        return RuledOut(
            kind="traffic",
            title="A surge of traffic",
            reason=f"The rate of requests after the onset is {growth:.2g} times the one right before it.",
            citations=(rate.cite(),),
        )
    return Cause(
        kind="traffic",
        title=f"Traffic rose to {growth:.2g} times what it was",
        explanation=(
            f"Requests rose from {rate.amount('just_before'):.3g} to {rate.amount('after'):.3g} a second "
            "as the symptom began; the server has more to do than it can do in time."
        ),
        confidence=confidence(0.55, (growth >= 3, 0.15), (growth >= 5, 0.1)),
        remediation=(
            Remedy(
                text="Find the caller and slow it down, or add replicas.",
                command=see_status(facts.case.scope),
            ),
        ),
        citations=(rate.cite(),),
        found_by=ANALYST,
    )


SIGNATURE = Signature(
    kind="traffic",
    looks_for="a surge of requests at the onset",
    symptoms=frozenset({Symptom.LATENCY, Symptom.ERRORS}),
    judge=judge,
)
