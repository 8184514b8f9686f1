"""The inputs changed: values outside the range that the model was trained on."""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.facts import Fact, Facts
from triage.analysts.deterministic.served import served_version, was_well_before
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.commands import read_log
from triage.symptom import Symptom

#: violations a request; a feature below this is noise
_NOTABLE = 0.05
_GROWTH = 2.0


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Compare each feature's violations before and after the onset."""
    features = facts.all("out_of_range")
    if not features:
        return None
    shifted = [fact for fact in features if _has_grown(fact)]
    if shifted:
        return _cause(facts, sorted(shifted, key=lambda fact: -fact.amount("after")))
    worst = max(features, key=lambda fact: fact.amount("after"))
    return RuledOut(
        kind="input-shift",
        title="Inputs outside the range of the training data",
        reason="No feature's violations grew with the onset.",
        citations=(worst.cite(),),
    )


def _has_grown(fact: Fact) -> bool:
    return fact.amount("after") >= max(_NOTABLE, _GROWTH * fact.amount("before"))


def _cause(facts: Facts, shifted: list[Fact]) -> Cause:
    served = served_version(facts)
    well = was_well_before(facts, served) if served else None
    names = ", ".join(fact.text("feature") or "?" for fact in shifted[:3])
    return Cause(
        kind="input-shift",
        title=f"Inputs left the range of the training data: {names}",
        explanation=(
            f"Requests now carry {shifted[0].amount('after'):.2g} out-of-range values of "
            f"{shifted[0].text('feature') or 'one feature'} each, before it was "
            f"{shifted[0].amount('before'):.2g}; what the model answers there was never tested."
        ),
        confidence=confidence(0.6, (facts.onset is not None, 0.1), (well is not None, 0.15)),
        remediation=(
            Remedy(
                text="Find the caller whose input changed, in unit or in encoding; if the world changed, "
                "train on newer data.",
                command=read_log(facts.case.scope),
            ),
        ),
        citations=tuple(fact.cite() for fact in shifted[:3]),
        found_by=ANALYST,
    )


SIGNATURE = Signature(
    kind="input-shift",
    looks_for="inputs outside the range of the training data",
    symptoms=frozenset({Symptom.CONFIDENCE, Symptom.ERRORS}),
    judge=judge,
)
