"""What befell the step, whatever it did: the disk, the memory, the time, the network, a right, the branch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.signatures.pipelines.failure import (
    EXPLAINING,
    MOST_TITLE,
    SYMPTOMS,
    counts,
    in_a_pipeline,
    named,
    step_of,
)
from triage.analysts.deterministic.wording import shortened


@dataclass(frozen=True, slots=True)
class _Trouble:
    """One kind of trouble, as a cause."""

    kind: str
    #: what the parser calls it
    what: str
    looks_for: str
    title: str
    explanation: str
    remedies: tuple[str, ...]
    base: float


_TROUBLES = (
    _Trouble(
        "disk-full",
        "disk-full",
        "a runner without space",
        "The runner's disk is full: No space left on device",
        "A program could not write, since the disk had no room left.",
        (
            "Free space before the step: old images, caches and results; df -h shows where it went.",
            "Write less: stream the archive, leave out what can be made again, or use a larger runner.",
        ),
        0.85,
    ),
    _Trouble(
        "out-of-memory",
        "out-of-memory",
        "a step that ran out of memory",
        "The step ran out of memory",
        "The process asked for more memory than the runner has, or was killed for it (exit code 137).",
        (
            "Process the data in parts, use smaller types, or fewer workers at once.",
            "Else run the job on a runner with more memory.",
        ),
        0.78,
    ),
    _Trouble(
        "dependency",
        "dependency-down",
        "a service that the step needs and that did not answer",
        "MLflow could not be used",
        "The step needs a service that did not answer as it should; nothing is known of the change.",
        (
            "See whether the service runs and can be reached from the runner; then run the job again.",
            "Check the address and the token that the job is given.",
        ),
        0.82,
    ),
    _Trouble(
        "coverage",
        "coverage",
        "tests that cover too little",
        "Test coverage is below what is required",
        "The tests passed, and run less of the code than the project demands; that refuses the run.",
        (
            "Add tests for the lines that the report names as missed, those of the change first.",
            "Lower the bound only by a decision of its own.",
        ),
        0.8,
    ),
    _Trouble(
        "git-conflict",
        "git-conflict",
        "a push or merge that collided",
        "git could not push or merge: somebody else's commit is in between",
        "The branch had moved on since the job read it, so its commit does not follow the newest one.",
        (
            "Run the job again on the newest commit; where the same lines changed, a person has to decide.",
            "Let one job at a time push to the branch (concurrency), and rebase before pushing.",
        ),
        0.82,
    ),
    _Trouble(
        "push-forbidden",
        "push-forbidden",
        "a push that was not allowed",
        "The push was refused by the server",
        "The job may not do this: its token lacks the right, or a rule protects the branch.",
        (
            "Give the job the permission that it needs (contents: write) and no more.",
            "Let the rule except the bot, or go through a pull request.",
        ),
        0.78,
    ),
    _Trouble(
        "registry-denied",
        "registry-denied",
        "a registry that denied access",
        "The registry denied access",
        "The registry did not accept the credentials, or counts too many pulls.",
        (
            "Check the user, the token's rights and its expiry; log in before pushing.",
            "For 'toomanyrequests' log in also for pulls, or use a mirror.",
        ),
        0.76,
    ),
    _Trouble(
        "cancelled",
        "cancelled",
        "a run that was cancelled",
        "The run was cancelled",
        "Somebody, or a newer run of the same group, ended it; nothing is known of the change itself.",
        ("See who or which run cancelled it (concurrency), and run the job again if its answer is needed.",),
        0.55,
    ),
    _Trouble(
        "timeout",
        "timeout",
        "a step that took too long",
        "The step took too long (timeout)",
        "It was ended because its time was over; nothing tells whether it would have finished.",
        (
            "See what it did last, and whether earlier runs took as long.",
            "Raise timeout-minutes only if the work itself grew.",
        ),
        0.7,
    ),
    _Trouble(
        "runner-lost",
        "runner-lost",
        "a runner that went away",
        "The runner was lost",
        "The machine that ran the job went away: it was shut down, starved or cut off.",
        ("Run the job again; if it happens often, look at the runner's memory and its host.",),
        0.75,
    ),
    _Trouble(
        "network",
        "network",
        "a host that could not be reached",
        "Network failure",
        "Something outside could not be reached, so nothing is known of the change itself.",
        (
            "Run the job again; if it stays, see whether the runner reaches the host (DNS, proxy).",
            "Keep what is downloaded in a cache or a mirror.",
        ),
        0.7,
    ),
    _Trouble(
        "missing-configuration",
        "missing-configuration",
        "a setting that the step lacks",
        "A variable or secret is missing",
        "The step asks for a setting that it was not given; forks and new environments lack secrets.",
        ("Set it for the repository or the environment, and pass it to the step by env.",),
        0.65,
    ),
)
#: what tells more than these troubles do, when it stands in the same step
_MORE_TELLING = ("test.failed", "gate.refused", "data.contract", "manifest.error")


def _judge(trouble: _Trouble, facts: Facts) -> Cause | None:
    found = [one for one in facts.all("trouble") if one.text("what") == trouble.what and _decides(facts, one)]
    if not found:
        return None
    first, step = found[0], step_of(facts, found[0])
    follows = trouble.what not in EXPLAINING and _has_a_better_word(facts, first)
    if follows and trouble.what in {"network", "timeout", "missing-configuration", "cancelled"}:
        return None
    error = first.text("error")
    return Cause(
        kind=trouble.kind,
        title=shortened(f"{trouble.title}: {error}", MOST_TITLE),
        explanation=f"{trouble.explanation} It said: {named(one.text('error') for one in found)}",
        confidence=confidence(trouble.base, (step is not None, 0.07), (follows, -0.3)),
        remediation=tuple(Remedy(text=text) for text in trouble.remedies),
        citations=cited(*found, step),
        found_by=ANALYST,
    )


def _decides(facts: Facts, fact: Fact) -> bool:
    return in_a_pipeline(facts, fact) and counts(facts, fact)


def _has_a_better_word(facts: Facts, fact: Fact) -> bool:
    step = step_of(facts, fact)
    others = (one for name in _MORE_TELLING for one in facts.all(name, {fact.item.id}))
    return any(step_of(facts, one) == step for one in others)


SIGNATURES = tuple(
    Signature(
        kind=trouble.kind, looks_for=trouble.looks_for, symptoms=SYMPTOMS, judge=partial(_judge, trouble)
    )
    for trouble in _TROUBLES
)
