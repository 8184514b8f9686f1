"""Runs checks side by side and keeps their output apart, so that a person can read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from rich.console import Console
from rich.markup import escape

from delivery.checks.check import Check, CheckOutcome, CheckResult, Subject
from delivery.stages import StageOutcome, Verdict

_COLOURS = {CheckOutcome.PASSED: "green", CheckOutcome.FAILED: "red", CheckOutcome.SKIPPED: "yellow"}


def run_checks(
    checks: Sequence[Check], subject: Subject, told: Callable[[CheckResult], None], workers: int = 2
) -> tuple[CheckResult, ...]:
    """Run ``checks``, handing each result on as it comes; return them in the order of ``checks``."""
    results: dict[str, CheckResult] = {}
    with ThreadPoolExecutor(workers) as pool:
        for done in as_completed([pool.submit(check.run, subject) for check in checks]):
            result = done.result()
            results[result.name] = result
            told(result)
    return tuple(results[check.name] for check in checks)


def everything_required(results: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """The results where a required check that was skipped counts as failed, as in GitHub."""
    return tuple(_strict(result) for result in results)


def _strict(result: CheckResult) -> CheckResult:
    if result.outcome is not CheckOutcome.SKIPPED or not result.required:
        return result
    sentence = f"{result.sentence.rstrip('.')}; it is required here."
    return CheckResult(result.name, CheckOutcome.FAILED, sentence, result.output)


def verdict_of(results: Sequence[CheckResult]) -> Verdict:
    """All results in one sentence; a failed check refuses, a skipped one is named."""
    failed = [
        f"{result.name}: {result.sentence}" for result in results if result.outcome is CheckOutcome.FAILED
    ]
    if failed:
        return Verdict(outcome=StageOutcome.REFUSED, sentence=" ".join(failed))
    by_outcome = {
        outcome: [result.name for result in results if result.outcome is outcome] for outcome in CheckOutcome
    }
    passed, skipped = by_outcome[CheckOutcome.PASSED], by_outcome[CheckOutcome.SKIPPED]
    if not passed:
        return Verdict(
            outcome=StageOutcome.REFUSED, sentence="no check could look at anything, so nothing is known."
        )
    told = f"{', '.join(passed)} passed" + (f"; {', '.join(skipped)} skipped." if skipped else ".")
    return Verdict(outcome=StageOutcome.PASSED, sentence=told)


def show(console: Console, result: CheckResult) -> None:
    """Print how a check ended, under what the program behind a failed one said, whole and in one piece."""
    if result.outcome is CheckOutcome.FAILED and result.output:
        console.print(escape(result.output.rstrip()), highlight=False, soft_wrap=True)
    colour = _COLOURS[result.outcome]
    line = f"{result.name:<11} [{colour}]{result.outcome:<8}[/{colour}] {escape(result.sentence)}"
    console.print(line, highlight=False, soft_wrap=True)
