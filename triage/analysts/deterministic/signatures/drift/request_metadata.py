"""Another mix of callers: who asks, or how requests look, differs from the baseline.

That is data drift with a name to ask: a new client, a bulk job, another region.
"""

from __future__ import annotations

from triage.analysts.analysis import Cause
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.signatures.drift.reading import SYMPTOMS, named, read_drift, told
from triage.analysts.deterministic.signatures.drift.remedies import remedies
from triage.drift.statistic import StatisticName


def judge(facts: Facts) -> Cause | None:
    """Claim it where shares of callers or the look of requests moved."""
    reading = read_drift(facts)
    callers = reading.assessment.moved(StatisticName.REQUEST_METADATA) if reading else ()
    if reading is None or not callers:
        return None
    # the one that came explains more than those that had to make room
    ordered = sorted(
        callers,
        key=lambda one: (_share_lost(one.statistic.baseline, one.statistic.current), -(one.effect or 0)),
    )
    names = named(list(dict.fromkeys(one.statistic.feature or "the mix of callers" for one in ordered)))
    moved_too = reading.assessment.moved(StatisticName.FEATURE_SHIFT)
    return Cause(
        kind="data-drift",
        title=f"Data drift of {reading.model} by another mix of requests ({names}): {told(ordered[0])}",
        explanation=(
            f"Who asks, or how requests look, differs from the baseline: "
            f"{'; '.join(told(one) for one in ordered[:4])}. The model was trained for another public, and "
            f"what it answers this one was not tested. {reading.urgency}"
        ),
        confidence=confidence(
            0.65,
            (ordered[0].is_tested, 0.1),
            (len(ordered) > 1, 0.05),
            # inputs that moved say more about the model than who sent them
            (bool(moved_too), -0.1),
        ),
        remediation=remedies(reading),
        citations=reading.citations(ordered),
        found_by=ANALYST,
    )


def _share_lost(baseline: float | None, current: float | None) -> bool:
    return baseline is not None and current is not None and current < baseline


SIGNATURE = Signature(
    kind="data-drift",
    looks_for="another mix of callers or requests",
    symptoms=SYMPTOMS,
    judge=judge,
)
