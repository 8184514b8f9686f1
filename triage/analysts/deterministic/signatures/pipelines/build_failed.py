"""The image could not be built."""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.signatures.pipelines.failure import (
    MOST_TITLE,
    SYMPTOMS,
    counts,
    explained_by,
    place,
    step_of,
)
from triage.analysts.deterministic.wording import shortened

_MEANINGS = {
    "instruction": (
        "a command inside the build failed",
        "Read the command's own output above; run it by hand.",
    ),
    "missing-file": (
        "a file that is copied is not in the build's context",
        "Correct the path, or take it out of .dockerignore; the context is the folder given to the build.",
    ),
    "base-image": (
        "the base image can't be had",
        "Compare its name, tag and digest with the registry, and whether the job may pull it.",
    ),
    "syntax": ("the file is not understood", "Correct the line that is named."),
    "compile": ("the compiler refused the code", "Mend the line that is named; nothing was run yet."),
    "other": ("the builder gave up", "Read what the builder says before it."),
}
#: what -> how telling it is
_ORDER = ("compile", "missing-file", "base-image", "syntax", "instruction", "other")


def judge(facts: Facts) -> Cause | None:
    """The most telling word of the builder; an instruction that failed for another cause only follows it."""
    errors = [one for one in facts.all("build.failed") if counts(facts, one) and not explained_by(facts, one)]
    if not errors:
        return None
    first = min(errors, key=lambda one: (_ORDER.index(one.text("what")), one.observation.line))
    step = step_of(facts, first)
    inside = _inside(facts, first)
    meaning, remedy = _MEANINGS[first.text("what")]
    told = first.text("instruction") or first.text("error")
    compiles = first.text("what") == "compile"
    failed, thing = (
        ("code does not compile", "The program") if compiles else ("image build failed", "The image")
    )
    return Cause(
        kind="build-failed",
        title=shortened(f"The {failed}{f' at {place(first)}' if place(first) else ''}: {told}", MOST_TITLE),
        explanation=f"{thing} was not built, since {meaning}: {first.text('error')}",
        confidence=confidence(0.78, (step is not None, 0.05), (inside is not None, -0.4)),
        remediation=(Remedy(text=remedy),),
        citations=cited(first, step),
        found_by=ANALYST,
    )


def _inside(facts: Facts, error: Fact) -> Fact | None:
    """What failed inside the instruction, and is told as a cause of its own."""
    if error.text("what") not in {"instruction", "other"}:
        return None
    names = ("dependency.error", "test.failed", "crash")
    found = (fact for name in names for fact in facts.all(name, {error.item.id}))
    return next((fact for fact in found if fact.observation.line < error.observation.line), None)


SIGNATURE = Signature(
    kind="build-failed", looks_for="an image that could not be built", symptoms=SYMPTOMS, judge=judge
)
