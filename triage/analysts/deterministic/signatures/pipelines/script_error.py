"""A step's script ended by its own error: a missing program or target, or code that raised."""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.signatures.pipelines.failure import (
    MOST_TITLE,
    SYMPTOMS,
    counts,
    explained_by,
    in_a_pipeline,
    place,
    step_of,
)
from triage.analysts.deterministic.signatures.pipelines.training_crash import judge as judge_training
from triage.analysts.deterministic.wording import shortened

_REMEDIES = {
    "missing-program": "Install the program in an earlier step, or correct its name or the PATH.",
    "not-executable": "Make it executable in git (git update-index --chmod=+x), or call its interpreter.",
    "missing-target": "Correct the target's name, or commit the file that it needs.",
}


def judge(facts: Facts) -> Cause | None:
    """Only in a step that failed: elsewhere such words are often harmless."""
    errors = (*facts.all("script.error"), *facts.all("crash"))
    error = next((one for one in errors if _decides(facts, one)), None)
    if error is None or judge_training(facts) is not None:
        return None
    step = step_of(facts, error)
    return Cause(
        kind="script-error",
        title=_title(error),
        explanation=(
            f"{'The step ' + step.text('step') if step and step.text('step') else 'The step'} ended with: "
            f"{error.text('error')}. It is the last that was said before the step failed."
        ),
        confidence=confidence(0.6, (step is not None, 0.1)),
        remediation=(
            Remedy(text=_REMEDIES.get(error.text("what"), f"Mend {place(error) or 'the script'}.")),
        ),
        citations=cited(error, step),
        found_by=ANALYST,
    )


def _decides(facts: Facts, error: Fact) -> bool:
    return (
        in_a_pipeline(facts, error)
        and step_of(facts, error) is not None
        and counts(facts, error)
        and explained_by(facts, error) is None
        and not facts.all("test.failed", {error.item.id})
    )


def _title(error: Fact) -> str:
    if error.text("what") == "missing-program":
        return f"Command not found: {error.text('program')}"
    if error.text("what"):
        return shortened(error.text("error"), MOST_TITLE)
    return shortened(f"A script crashed in {place(error)}: {error.text('error')}", MOST_TITLE)


SIGNATURE = Signature(
    kind="script-error", looks_for="a script that ended by its own error", symptoms=SYMPTOMS, judge=judge
)
