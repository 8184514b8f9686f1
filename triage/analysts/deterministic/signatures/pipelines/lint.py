"""A linter or a formatter refused the code or a workflow."""

from __future__ import annotations

from collections.abc import Sequence

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.signatures.pipelines.failure import (
    MOST_TITLE,
    SYMPTOMS,
    findings,
    named,
    place,
    step_of,
)
from triage.analysts.deterministic.wording import shortened

TYPE_CHECKERS = frozenset({"pyright", "mypy", "tsc"})
_MOST_NAMED = 5
#: rules that tell of a bug, not of style: they come first
_BUGS = (
    "F821",
    "F822",
    "F823",
    "E9",
    "F63",
    "F70",
    "F72",
    "invalid-syntax",
    "no-undef",
    "B006",
    "B023",
    "E0",
    "syntax",
)
_COMMANDS = {
    "ruff": "ruff check --fix {files}",
    "ruff format": "ruff format {files}",
    "black": "black {files}",
    "flake8": "flake8 {files}",
    "pylint": "pylint {files}",
    "yamllint": "yamllint {files}",
    "actionlint": "actionlint",
    "zizmor": "zizmor .github",
    "import-linter": "lint-imports",
    "shellcheck": "shellcheck {files}",
    "eslint": "npx eslint --fix {files}",
    "golangci-lint": "golangci-lint run",
}


def judge(facts: Facts) -> Cause | None:
    """Name the rule, the file and the line; a rule that tells of a bug first."""
    found = [one for one in findings(facts, {"lint"}) if one.text("tool") not in TYPE_CHECKERS]
    if not found:
        return None
    found.sort(key=lambda one: not one.text("rule").startswith(_BUGS))
    first, step = found[0], step_of(facts, found[0])
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    title = f"{first.text('tool')} (lint): {first.text('rule')} {first.text('message')} in {place(first)}"
    return Cause(
        kind="lint",
        title=f"{shortened(title, MOST_TITLE)}{more}",
        explanation=_explained(found),
        confidence=confidence(0.85, (step is not None, 0.07)),
        remediation=_remedies(found),
        citations=cited(*found[:_MOST_NAMED], step),
        found_by=ANALYST,
    )


def _explained(found: Sequence[Fact]) -> str:
    told = "; ".join(
        f"{place(one)} {one.text('rule')} {one.text('message')}".strip() for one in found[:_MOST_NAMED]
    )
    bug = found[0].text("rule").startswith(_BUGS)
    kind = (
        f"{found[0].text('rule')} tells of a bug and not of style: begin there."
        if bug
        else "These are rules of style and order: nothing of the code was run yet."
    )
    return f"{told}. {kind}"


def _remedies(found: Sequence[Fact]) -> tuple[Remedy, ...]:
    told: list[Remedy] = []
    for tool in dict.fromkeys(one.text("tool") for one in found):
        of_tool = [one for one in found if one.text("tool") == tool]
        files = " ".join(list(dict.fromkeys(one.text("file") for one in of_tool))[:_MOST_NAMED])
        command = _COMMANDS.get(tool, "").format(files=files) or None
        told.append(Remedy(text=f"Mend {named(place(one) for one in of_tool)}.", command=command))
    return tuple(told)


SIGNATURE = Signature(kind="lint", looks_for="code that a linter refused", symptoms=SYMPTOMS, judge=judge)
