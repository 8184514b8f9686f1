"""The packages that are asked for can't be had together, or at all."""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.signatures.pipelines.failure import (
    MOST_TITLE,
    SYMPTOMS,
    counts,
    explained_by,
    named,
    step_of,
)
from triage.analysts.deterministic.wording import shortened

#: what -> title, meaning, remedy
_MEANINGS = {
    "conflict": (
        "Dependency resolution failed: versions conflict",
        "No set of versions satisfies all that is asked for at once.",
        "Loosen or raise one of the bounds that the message names, then lock anew.",
    ),
    "not-found": (
        "Dependency resolution failed: no such version",
        "The index has no such package or version for this Python and platform.",
        "Correct the name or the version; see which versions there are for this Python.",
    ),
    "hash": (
        "A package's hash is not the locked one",
        "What the index served is not what was locked: the lock is out of date, or the file was replaced.",
        "Find out why before locking anew: a replaced file can be an attack.",
    ),
    "lock": (
        "The lock file is out of date",
        "What is asked for was changed and the lock was not made anew, so nothing may be installed from it.",
        "Lock anew with the same tool, and commit the lock beside the change.",
    ),
    "python": (
        "A package requires another Python",
        "The package does not support the Python of this run.",
        "Change the Python of the job, or pin a version that supports it.",
    ),
    "wheel": (
        "A package could not be built from source",
        "There is no wheel for this Python and platform, and building it failed.",
        "Pin a version that has a wheel, or install the compiler and headers that the build asks for.",
    ),
}


def judge(facts: Facts) -> Cause | None:
    """Name the packages and why they can't be had."""
    errors = [one for one in facts.all("dependency.error") if _decides(facts, one)]
    if not errors:
        return None
    first, step = errors[0], step_of(facts, errors[0])
    title, meaning, remedy = _MEANINGS.get(first.text("what"), _MEANINGS["conflict"])
    about = f" ({first.text('package')})" if first.text("package") else ""
    return Cause(
        kind="dependency-resolution",
        title=shortened(f"{title}{about}: {first.text('error')}", MOST_TITLE),
        explanation=f"{meaning} The installer says: {named(one.text('error') for one in errors)}",
        confidence=confidence(0.82, (step is not None, 0.07)),
        remediation=(
            Remedy(text=remedy),
            Remedy(text="Lock anew and read what it says.", command="make lock"),
        ),
        citations=cited(*errors[:3], step),
        found_by=ANALYST,
    )


def _decides(facts: Facts, error: Fact) -> bool:
    return counts(facts, error) and explained_by(facts, error) is None


SIGNATURE = Signature(
    kind="dependency-resolution",
    looks_for="packages that can't be had together",
    symptoms=SYMPTOMS,
    judge=judge,
)
