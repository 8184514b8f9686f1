"""Concept drift: the same inputs now mean something else, so quality falls while they stay."""

from __future__ import annotations

from collections.abc import Iterable

from triage.analysts.analysis import Cause
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.signatures.drift.reading import SYMPTOMS, Reading, read_drift, told
from triage.analysts.deterministic.signatures.drift.remedies import remedies
from triage.drift.assessment import DriftClass
from triage.drift.statistic import StatisticName
from triage.drift.urgency import Judged
from triage.evidence.drift.lines import amount


def judge(facts: Facts) -> Cause | None:
    """Claim it where quality fell at once and no input moved; less surely where nobody compared inputs."""
    reading = read_drift(facts)
    if reading is None or reading.assessment.drift is not DriftClass.CONCEPT:
        return None
    said = reading.assessment
    lost = said.moved(StatisticName.ACCURACY)
    stayed = _most(one for one in said.judged if one.statistic.statistic is StatisticName.FEATURE_SHIFT)
    known = "while its inputs stayed" if said.inputs_known else "and nobody compared its inputs"
    worst = lost[0].statistic
    return Cause(
        kind="concept-drift",
        title=(
            f"Concept drift of {reading.model}: accuracy fell from {amount(worst.baseline)} to "
            f"{amount(worst.current)} {known}"
        ),
        explanation=_explained(reading, lost[0], stayed),
        confidence=confidence(
            0.7 if said.inputs_known else 0.5,
            (lost[0].is_tested, 0.15),
            (not lost[0].is_tested, -0.1),
            # a version that was handed off within the same days may be worse by itself
            (reading.handoff is not None, -0.15),
        ),
        remediation=remedies(reading),
        citations=reading.citations((*lost[:2], *([stayed] if stayed else [])), reading.handoff),
        found_by=ANALYST,
    )


def _most(found: Iterable[Judged]) -> Judged | None:
    return max(found, key=lambda one: one.effect or 0.0, default=None)


def _explained(reading: Reading, lost: Judged, stayed: Judged | None) -> str:
    parts = [f"Quality fell: {told(lost)}."]
    if stayed is not None:
        parts.append(
            f"No input moved; the most did {told(stayed)}. So what they mean for the answer changed."
        )
    else:
        parts.append("Whether the inputs moved was not measured, so it could be data drift as well.")
    if reading.handoff is not None:
        parts.append("A version was handed off within the week before, which may be what is worse.")
    return " ".join((*parts, reading.urgency))


SIGNATURE = Signature(
    kind="concept-drift",
    looks_for="quality that fell while the inputs stayed (concept drift)",
    symptoms=SYMPTOMS,
    judge=judge,
)
