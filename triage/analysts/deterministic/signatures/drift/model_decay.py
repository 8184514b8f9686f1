"""Decay: quality falls a little from week to week; the model is old, nothing broke."""

from __future__ import annotations

from collections.abc import Sequence

from triage.analysts.analysis import Cause
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.signatures.drift.reading import SYMPTOMS, Reading, read_drift, told
from triage.analysts.deterministic.signatures.drift.remedies import remedies
from triage.drift.assessment import DriftClass
from triage.drift.statistic import StatisticName
from triage.drift.urgency import Judged
from triage.evidence.drift.lines import amount

_FURTHEST_FIRST = ("30d", "14d", "7d")


def judge(facts: Facts) -> Cause | None:
    """Claim it where the loss grows with the age of the baseline."""
    reading = read_drift(facts)
    if reading is None or reading.assessment.drift is not DriftClass.DECAY:
        return None
    windows = _windows(reading)
    moved = reading.assessment.moved(StatisticName.ACCURACY)
    then = " -> ".join(f"{amount(one.statistic.baseline)} ({one.statistic.window})" for one in windows)
    return Cause(
        kind="model-decay",
        title=(
            f"Model decay: accuracy of {reading.model} falls slowly: {then} -> "
            f"{amount(moved[0].statistic.current)} now"
        ),
        explanation=(
            f"The loss grows with the age of the baseline: {'; '.join(told(one) for one in windows)}. So "
            "a model ages while the world moves on; a sudden break would show in the shortest window "
            f"already. {reading.urgency}"
        ),
        confidence=confidence(
            0.65, (len(windows) > 2, 0.1), (moved[0].is_tested, 0.1), (reading.assessment.inputs_known, 0.05)
        ),
        remediation=remedies(reading),
        citations=reading.citations(windows),
        found_by=ANALYST,
    )


def _windows(reading: Reading) -> Sequence[Judged]:
    by_window = {
        one.statistic.window: one
        for one in reading.assessment.judged
        if one.statistic.statistic is StatisticName.ACCURACY
    }
    return [by_window[window] for window in _FURTHEST_FIRST if window in by_window]


SIGNATURE = Signature(
    kind="model-decay",
    looks_for="quality that falls slowly over 7, 14 and 30 days (decay)",
    symptoms=SYMPTOMS,
    judge=judge,
)
