"""Bandit: what in our Python an attacker could use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from delivery.checks.check import CheckOutcome, CheckResult, Subject
from delivery.checks.program import Ended, run_apart

#: folders without code that runs anywhere but on a developer's machine
_NOT_SHIPPED = ("tests", "docs", "build", "dist")


@dataclass(frozen=True, slots=True)
class Bandit:
    """Bandit on every package, from medium severity up (ruff's S rules hold the rest)."""

    name: str = "bandit"
    timeout_seconds: float = 180.0

    def run(self, subject: Subject) -> CheckResult:
        """Scan every package."""
        folders = [path.name for path in sorted(subject.root.iterdir()) if path.is_dir()]
        ours = [name for name in folders if not name.startswith(".") and name not in _NOT_SHIPPED]
        argv = [str(subject.programs / "bandit"), "--quiet", "--format", "json", "--severity-level", "medium"]
        argv += ["--exclude", "*/tests/*", "--recursive", *ours]
        return self._judge(run_apart(argv, subject.root, self.timeout_seconds, {}))

    def _judge(self, ended: Ended) -> CheckResult:
        try:
            report: Any = json.loads(ended.output)
        except ValueError:
            told = ended.errors + ended.output
            return CheckResult(self.name, CheckOutcome.FAILED, "Bandit broke before it could report.", told)
        scanned = len(report["metrics"]) - 1  # one entry is the sum of the others
        found = [_line(issue) for issue in report["results"]]
        unread = [f"{error['filename']}: {error['reason']}" for error in report["errors"]]
        if found or unread:
            sentence = f"Bandit found {len(found)} weak spots and could not read {len(unread)} files."
            return CheckResult(self.name, CheckOutcome.FAILED, sentence, "\n".join(found + unread))
        if not scanned:
            return CheckResult(self.name, CheckOutcome.SKIPPED, "there is no Python here.", required=False)
        return CheckResult(self.name, CheckOutcome.PASSED, f"Bandit finds nothing in {scanned} files.")


def _line(issue: dict[str, Any]) -> str:
    return f"{issue['filename']}:{issue['line_number']}: {issue['test_id']} {issue['issue_text']}"
