"""A scanner of source code found a weakness."""

from __future__ import annotations

from collections.abc import Sequence

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.signatures.pipelines.bandit_rules import rule_of
from triage.analysts.deterministic.signatures.pipelines.failure import (
    MOST_TITLE,
    SYMPTOMS,
    findings,
    place,
    step_of,
)
from triage.analysts.deterministic.wording import shortened

_MOST_EXPLAINED = 4


def judge(facts: Facts) -> Cause | None:
    """Explain each finding, the most severe first."""
    found = findings(facts, {"sast"})
    if not found:
        return None
    first, step = found[0], step_of(facts, found[0])
    count = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    title = (
        f"{_tool(first)} found a weakness: {first.text('rule')} in {place(first)}: {first.text('message')}"
    )
    return Cause(
        kind="sast",
        title=f"{shortened(title, MOST_TITLE)}{count}",
        explanation=" ".join(_explained(one) for one in found[:_MOST_EXPLAINED]),
        confidence=confidence(0.85, (step is not None, 0.07)),
        remediation=(
            *(_remedy(one) for one in found[:_MOST_EXPLAINED]),
            Remedy(text="See the findings again while you mend them.", command=_again(found)),
        ),
        citations=cited(*found[:_MOST_EXPLAINED], step),
        found_by=ANALYST,
    )


def _remedy(one: Fact) -> Remedy:
    return Remedy(text=f"{place(one)}: {rule_of(one.text('rule')).fix}")


def _tool(fact: Fact) -> str:
    return fact.text("tool").capitalize()


def _again(found: Sequence[Fact]) -> str | None:
    files = list(dict.fromkeys(one.text("file") for one in found if one.text("file")))[:_MOST_EXPLAINED]
    commands = {"bandit": "bandit", "ruff": "ruff check --select S"}
    command = commands.get(found[0].text("tool"))
    return f"{command} {' '.join(files)}" if command and files else None


def _explained(fact: Fact) -> str:
    rule = rule_of(fact.text("rule"))
    graded = f" ({fact.text('severity')} severity)" if fact.text("severity") else ""
    known = f" {rule.explains}" if rule.explains else ""
    head = f"{fact.text('rule')} at {place(fact)}{graded}:"
    return f"{head}{known} Risk: {rule.risk} False positive? {rule.harmless}"


SIGNATURE = Signature(
    kind="sast", looks_for="a weakness that a scanner of source code found", symptoms=SYMPTOMS, judge=judge
)
