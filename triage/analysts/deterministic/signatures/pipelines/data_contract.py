"""The data breaks its contract, so nothing was trained."""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.deterministic.facts import Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.signatures.pipelines.failure import (
    MOST_TITLE,
    SYMPTOMS,
    counts,
    step_of,
    tested,
)
from triage.analysts.deterministic.wording import shortened


def judge(facts: Facts) -> Cause | None:
    """Name the column and the rule that it breaks."""
    broken = [one for one in facts.all("data.contract") if counts(facts, one) and not tested(facts, one)]
    if not broken:
        return None
    first, step = broken[0], step_of(facts, broken[0])
    model = first.text("model") or facts.case.scope.model or ""
    of_model = f" of {model}" if model else ""
    column = f" in column '{first.text('column')}'" if first.text("column") else ""
    return Cause(
        kind="data-contract",
        title=shortened(f"Data contract broken{of_model}{column}: {first.text('error')}", MOST_TITLE),
        explanation=(
            f"{first.text('error')} The contract is checked before training, so no model was made and what "
            "serves is untouched. Either the source or the loader changed, such as a unit or a join, or "
            "the contract no longer describes what is right."
        ),
        confidence=confidence(0.88, (step is not None, 0.06)),
        remediation=(
            Remedy(
                text="See what changed in the loader and the source since the last green run.",
                command=f"git log --oneline -10 -- model-source/{model or 'MODEL'}",
            ),
            Remedy(
                text="Check the data again without training.",
                command=f"homeostat ct check {model or 'MODEL'}",
            ),
            Remedy(text="Only if the new values are right, widen the contract in model.yaml."),
        ),
        citations=cited(*broken[:3], step),
        found_by=ANALYST,
    )


SIGNATURE = Signature(
    kind="data-contract", looks_for="data that breaks its contract", symptoms=SYMPTOMS, judge=judge
)
