"""What came first: the facts of a failed run in their order, and what only follows from what.

A run stops at its first failing step, so what fails later in the same job follows from it; and a step that
has no room, memory or network complains in the words of whatever it was doing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from triage.analysts.deterministic.facts import Fact, Facts
from triage.symptom import Symptom

SYMPTOMS = frozenset({Symptom.PIPELINE})
#: troubles of the machine: whatever else a step complains of then, this is why
EXPLAINING = frozenset({"disk-full", "out-of-memory", "runner-lost", "dependency-down"})
_MOST_NAMED = 3
MOST_TITLE = 180


def findings(facts: Facts, kinds: Iterable[str]) -> Sequence[Fact]:
    """What scanners of these kinds found in what failed, the worst first."""
    wanted = set(kinds)
    found = [fact for fact in facts.all("finding") if fact.text("kind") in wanted and counts(facts, fact)]
    return sorted(_once(found), key=lambda fact: _SEVERITIES.get(fact.text("severity"), 3))


_SEVERITIES = {
    "critical": 0,
    "high": 1,
    "error": 1,
    "medium": 2,
    "moderate": 2,
    "warning": 2,
    "low": 4,
    "note": 4,
}


def _once(found: Iterable[Fact]) -> Sequence[Fact]:
    """A report as text and the same as JSON say the same: each finding once, as it is told first."""
    known: dict[tuple[str, ...], Fact] = {}
    for fact in found:
        told = tuple(fact.text(name) for name in ("rule", "file", "package", "version"))
        known.setdefault((*told, str(fact.number("line"))), fact)
    return list(known.values())


def counts(facts: Facts, fact: Fact) -> bool:
    """Whether the fact can be why the run failed: no earlier step of the same job failed already."""
    own = next((step for step in _failed(facts, fact) if _contains(step, fact)), None)
    if own is None:
        return True
    earlier = (step for step in _failed(facts, fact) if step.observation.line < own.amount("began"))
    return not any(step.text("job") == own.text("job") for step in earlier)


def in_a_pipeline(facts: Facts, fact: Fact) -> bool:
    """Whether the line stands in a run's log: outside of one, its words may mean something else."""
    return facts.case.scope.symptom is Symptom.PIPELINE or bool(_failed(facts, fact))


def step_of(facts: Facts, fact: Fact | None) -> Fact | None:
    """The word of failure of the step that the fact stands in."""
    if fact is None:
        return None
    steps = [step for step in _failed(facts, fact) if step.observation.line >= fact.observation.line]
    return next((step for step in steps if _contains(step, fact)), None)


def explained_by(facts: Facts, fact: Fact) -> Fact | None:
    """A trouble of the machine in the same step, of which the fact is how the step complained."""
    step = step_of(facts, fact)
    for trouble in facts.all("trouble", {fact.item.id}):
        same = step is None or _contains(step, trouble)
        if trouble.text("what") in EXPLAINING and same:
            return trouble
    return None


def tested(facts: Facts, fact: Fact) -> bool:
    """Whether the line was printed by a step whose tests failed: what tests print is what they are about."""
    step = step_of(facts, fact)
    return any(step_of(facts, one) == step for one in facts.all("test.failed", {fact.item.id}))


def named(texts: Iterable[str]) -> str:
    """A few of them, and how many more there are.

    >>> named(["a", "b", "a", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    different = list(dict.fromkeys(text for text in texts if text))
    shown = ", ".join(different[:_MOST_NAMED])
    more = len(different) - _MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def place(fact: Fact) -> str:
    """The file and the line that a finding is about, as editors take them."""
    at = fact.number("line")
    file = fact.text("file").removeprefix("./")
    return f"{file}:{at:.0f}" if at and file else file


def _failed(facts: Facts, fact: Fact) -> Sequence[Fact]:
    return facts.all("step.failed", {fact.item.id})


def _contains(step: Fact, fact: Fact) -> bool:
    return step.amount("began") <= fact.observation.line <= step.observation.line
