"""Style, imports and configuration: the repository's own ``make lint``, on the whole, in seconds."""

from __future__ import annotations

from dataclasses import dataclass

from delivery.checks.check import CheckOutcome, CheckResult, Subject
from delivery.checks.program import run


@dataclass(frozen=True, slots=True)
class Lint:
    """``make lint`` of the checkout."""

    name: str = "lint"
    timeout_seconds: float = 180.0

    def run(self, subject: Subject) -> CheckResult:
        """Lint everything."""
        environment = f"ENVIRONMENT={subject.programs.parent}"
        argv = ["make", "--no-print-directory", "--old-file=setup", "lint", environment]
        ended = run(argv, subject.root, self.timeout_seconds)
        if ended.code == 0:
            return CheckResult(
                self.name, CheckOutcome.PASSED, "style, imports and configuration are in order."
            )
        why = "took too long" if ended.code is None else "found mistakes; they are above"
        return CheckResult(self.name, CheckOutcome.FAILED, f"'make lint' {why}.", ended.output)
