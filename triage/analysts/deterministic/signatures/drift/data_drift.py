"""Data drift: what the model is given differs from what it was trained on."""

from __future__ import annotations

from triage.analysts.analysis import Cause, RuledOut
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.signatures.drift.reading import SYMPTOMS, Reading, named, read_drift, told
from triage.analysts.deterministic.signatures.drift.remedies import remedies
from triage.drift.assessment import DriftClass
from triage.drift.statistic import StatisticName

_OUTPUTS = (StatisticName.PREDICTION_SHIFT, StatisticName.CONFIDENCE_VARIANCE)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Claim it for inputs that moved, or for answers that did while nothing else explains them."""
    reading = read_drift(facts)
    if reading is None:
        return None
    inputs = reading.assessment.moved(StatisticName.FEATURE_SHIFT)
    callers = reading.assessment.moved(StatisticName.REQUEST_METADATA)
    outputs = reading.assessment.moved(*_OUTPUTS)
    if inputs or (outputs and not callers and reading.assessment.drift is DriftClass.DATA):
        return _cause(reading)
    return _ruled_out(reading) if not callers else None


def _cause(reading: Reading) -> Cause:
    said = reading.assessment
    inputs, outputs = said.moved(StatisticName.FEATURE_SHIFT), said.moved(*_OUTPUTS)
    lost = said.moved(StatisticName.ACCURACY)
    if inputs:
        names = named([one.statistic.feature for one in inputs])
        moved = f"{names} moved; " if len(inputs) > 1 else ""
        title = f"Data drift of {reading.model}: {moved}{told(inputs[0])}"
    else:
        title = f"Data drift of {reading.model}: its answers moved; {told(outputs[0])}"
    return Cause(
        kind="data-drift",
        title=title,
        explanation=_explained(reading),
        confidence=confidence(
            0.7 if inputs else 0.5,
            (bool(inputs) and inputs[0].is_tested, 0.1),
            (bool(inputs and outputs) or bool(lost), 0.1),
            (bool(inputs) and not inputs[0].is_tested, -0.1),
        ),
        remediation=remedies(reading),
        citations=reading.citations((*inputs[:3], *outputs[:2], *lost[:2])),
        found_by=ANALYST,
    )


def _explained(reading: Reading) -> str:
    said = reading.assessment
    inputs, outputs = said.moved(StatisticName.FEATURE_SHIFT), said.moved(*_OUTPUTS)
    lost = said.moved(StatisticName.ACCURACY)
    parts = (
        [f"Inputs differ from the baseline: {'; '.join(told(one) for one in inputs[:3])}."] if inputs else []
    )
    if outputs:
        parts.append(f"What {reading.model} answers moved: {'; '.join(told(one) for one in outputs[:2])}.")
    if not inputs:
        parts.append(
            "No single input moved, so a mix of them did, or another version answers."
            if said.inputs_known
            else "Nobody compared the inputs."
        )
    if lost:
        parts.append(f"Quality fell with it: {told(lost[0])}.")
    else:
        parts.append(
            "Quality holds so far." if said.quality_known else "The evidence tells nothing of the quality."
        )
    return " ".join((*parts, reading.urgency))


def _ruled_out(reading: Reading) -> RuledOut | None:
    """Inputs that were compared and stayed."""
    compared = [
        one
        for one in reading.assessment.judged
        # of an effect that nobody told it can't be said that it is small
        if one.statistic.statistic is StatisticName.FEATURE_SHIFT and one.effect is not None
    ]
    if not compared:
        return None
    most = max(compared, key=lambda one: one.effect or 0.0)
    return RuledOut(
        kind="data-drift",
        title="Data drift",
        reason=f"Of {len(compared)} inputs none moved; the most moved {told(most)}.",
        citations=reading.citations((most,)),
    )


SIGNATURE = Signature(
    kind="data-drift",
    looks_for="inputs or answers that differ from the baseline (data drift)",
    symptoms=SYMPTOMS,
    judge=judge,
)
