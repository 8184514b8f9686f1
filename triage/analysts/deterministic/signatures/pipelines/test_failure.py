"""Tests fail."""

from __future__ import annotations

import re
from collections.abc import Sequence

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.citations import gives_instructions
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

_MOST_CITED = 4
_MOST_PARAMETERS = 60
_IMPORT = re.compile(r"(?:ModuleNotFoundError|ImportError): (?P<what>.+)")
_MODULE = re.compile(r"No module named '(?P<module>[^']+)'")
_ASSERTION = re.compile(r"^(?:AssertionError|assert |DID NOT RAISE|Failed: DID NOT RAISE)")
_NOT_IMPORTED = (
    "Nothing of the test ran: {name} can't be imported. Code, not test: the module was renamed or removed "
    "and something still imports it, or its package is missing in the environment."
)
_ANOTHER_ANSWER = (
    "The code ran and answered something else than the test expects. If the change was meant to alter the "
    "answer, the test is out of date (a test issue); else the code has a bug."
)
_UNTOLD = "The log alone does not tell whether the code or the test is wrong."
_SAYINGS = (
    (
        re.compile(r"(?i)timeout"),
        "The test did not end within its time: it is slow, or waits for something that does not happen.",
    ),
    (
        re.compile(r"(?i)connection (?:refused|reset)|name resolution|No such file|Permission denied"),
        "The error speaks of something outside of the code, so the test may depend on its surroundings.",
    ),
    (
        re.compile(r"(?i)snapshot|golden|fixture ['\"]"),
        "The error speaks of a fixture or a recorded value, so the test itself may be out of date.",
    ),
)


def judge(facts: Facts) -> Cause | None:
    """Group the failed tests by their error: one root often fails many."""
    # a line that gives instructions, as a test's name can, is no fact; its error on another line is one
    told = facts.all("test.failed") or facts.all("test.error")
    failed = [one for one in told if counts(facts, one)]
    trouble = explained_by(facts, failed[0]) if failed else None
    if not failed or (trouble and not _own(failed, trouble)):
        return None
    first, step = failed[0], step_of(facts, failed[0])
    error = next((one for one in facts.all("test.error") if one.text("error") == first.text("error")), None)
    total = next(iter(facts.all("test.summary", {first.item.id})), None)
    return Cause(
        kind="test-failure",
        title=_title(failed),
        explanation=_explained(failed, total),
        confidence=confidence(
            0.8, (bool(first.text("error")), 0.05), (step is not None, 0.05), (total is not None, 0.02)
        ),
        remediation=_remedies(first, failed),
        citations=cited(*failed[:_MOST_CITED], error, total, step),
        found_by=ANALYST,
    )


def _own(failed: Sequence[Fact], trouble: Fact) -> bool:
    """Whether the tests' own error is another one than the machine's trouble."""
    return not any(trouble.text("error") in one.text("error") for one in failed)


def _title(failed: Sequence[Fact]) -> str:
    first = failed[0]
    test = _name(first)
    error = f": {first.text('error').rstrip('.')}" if first.text("error") else ""
    raised = f" (raised in {_raised(first)})" if _raised(first) else ""
    more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
    return f"Test failed: {test}{more}{error}"[: MOST_TITLE + 60] + raised


def _name(fact: Fact) -> str:
    """The test; without its parameters where those are long or talk to their reader."""
    test = fact.text("test")
    plain, _, parameters = test.partition("[")
    hostile = gives_instructions(test) or len(parameters) > _MOST_PARAMETERS
    return plain if hostile else test


def _raised(fact: Fact) -> str:
    file, line = fact.text("raised_in") or fact.text("file"), fact.number("line")
    return f"{file}:{line:.0f}" if file and line else ""


def _explained(failed: Sequence[Fact], total: Fact | None) -> str:
    errors = list(dict.fromkeys(one.text("error") for one in failed if one.text("error")))
    broken = total.amount("failed") + total.amount("errors") if total else 0.0
    how = "failed" if total and total.amount("failed") else "could not be run"
    ran = f"{broken:.0f} {how} and {total.amount('passed'):.0f} passed. " if total else ""
    one = (
        "All of them fail by the same error, so they have one root. "
        if len(failed) > 1 == len(errors)
        else ""
    )
    return f"{ran}{one}{_whose(failed[0])}"


def _whose(first: Fact) -> str:
    """Whether the code or the test is to blame, as far as the error tells."""
    error, raised = first.text("error"), first.text("raised_in") or first.text("file")
    if _IMPORT.search(error):
        module = _MODULE.search(error)
        return _NOT_IMPORTED.format(name=f"'{module['module']}'" if module else "a name")
    if said := next((text for pattern, text in _SAYINGS if pattern.search(error)), ""):
        return said
    if raised and "test" not in raised.rsplit("/", 1)[-1]:
        return (
            f"The error was raised in {_raised(first)}, outside of the tests: a bug of the code is more "
            "likely than one of the test."
        )
    return _ANOTHER_ANSWER if _ASSERTION.match(error) else _UNTOLD


def _remedies(first: Fact, failed: Sequence[Fact]) -> tuple[Remedy, ...]:
    test, where = _name(first), _raised(first)
    at = f" Begin at {where}." if where else ""
    file = first.text("file")
    tests = file if "test" in file.rsplit("/", 1)[-1] else "the test"
    fix = f"Compare what {tests} expects with what the commit changed.{at}"
    if found := _MODULE.search(first.text("error")):
        fix = (
            f"Rename the import of '{found['module']}'{f' at {where}' if where else ''}, or add its package."
        )
    command = f"pytest '{test}'" if first.text("tool") == "pytest" else None
    if first.text("tool") == "unittest":
        command = f"python -m unittest {test}"
    if first.text("tool") == "promtool":
        command = "promtool test rules TEST.yml"
    same = named(_name(one) for one in failed[1:])
    rest = (Remedy(text=f"Then run the others: {same}."),) if same else ()
    return (Remedy(text=fix), Remedy(text="Run the failing test alone.", command=command), *rest)


SIGNATURE = Signature(kind="test-failure", looks_for="a test that failed", symptoms=SYMPTOMS, judge=judge)
