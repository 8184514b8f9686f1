"""Types, by pyright: a change inside one model's folder needs only that folder, any other the whole."""

from __future__ import annotations

from dataclasses import dataclass

from delivery.changes import python_scopes
from delivery.checks.check import CheckOutcome, CheckResult, Subject
from delivery.checks.program import run


@dataclass(frozen=True, slots=True)
class Types:
    """Pyright on what changed."""

    name: str = "types"
    timeout_seconds: float = 600.0

    def run(self, subject: Subject) -> CheckResult:
        """Check the types of what changed."""
        scopes = [scope for scope in python_scopes(subject.paths) if (subject.root / scope).exists()]
        if not scopes:
            return CheckResult(self.name, CheckOutcome.SKIPPED, "no Python changed.", required=False)
        python = subject.programs / "python"
        targets = [] if scopes == ["."] else scopes  # without a target pyright reads its own configuration's
        ended = run(
            [str(subject.programs / "pyright"), "--pythonpath", str(python), *targets],
            subject.root,
            self.timeout_seconds,
        )
        where = "the whole" if not targets else " and ".join(targets)
        if ended.code == 0:
            return CheckResult(self.name, CheckOutcome.PASSED, f"pyright finds no fault in {where}.")
        why = "took too long on" if ended.code is None else "finds faults in"
        return CheckResult(self.name, CheckOutcome.FAILED, f"pyright {why} {where}.", ended.output)
