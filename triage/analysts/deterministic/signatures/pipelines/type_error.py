"""A type checker refused the code."""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.deterministic.facts import Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.signatures.pipelines.failure import (
    MOST_TITLE,
    SYMPTOMS,
    findings,
    named,
    place,
    step_of,
)
from triage.analysts.deterministic.signatures.pipelines.lint import TYPE_CHECKERS
from triage.analysts.deterministic.wording import shortened

_MOST_NAMED = 5


def judge(facts: Facts) -> Cause | None:
    """Name the place and what does not fit."""
    found = [one for one in findings(facts, {"lint"}) if one.text("tool") in TYPE_CHECKERS]
    if not found:
        return None
    first, step = found[0], step_of(facts, found[0])
    tool = first.text("tool")
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    told = "; ".join(f"{place(one)} {one.text('message')}" for one in found[:_MOST_NAMED])
    return Cause(
        kind="type-error",
        title=shortened(f"Type error in {place(first)} ({tool}): {first.text('message')}", MOST_TITLE) + more,
        explanation=(
            f"{told}. The checker reads the code without running it: either a value has another type "
            "than the signature says, or the signature is out of date."
        ),
        confidence=confidence(0.85, (step is not None, 0.07)),
        remediation=(
            Remedy(
                text=f"Change the value or the signature at {named(place(one) for one in found)}.",
                command="npx tsc --noEmit" if tool == "tsc" else f"{tool} {first.text('file')}",
            ),
        ),
        citations=cited(*found[:_MOST_NAMED], step),
        found_by=ANALYST,
    )


SIGNATURE = Signature(
    kind="type-error", looks_for="code that a type checker refused", symptoms=SYMPTOMS, judge=judge
)
