"""The unit tests of what changed; the rule is :func:`delivery.changes.unit_test_folders`."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET  # nosec B405 - the file was just written by pytest

from delivery.changes import unit_test_folders
from delivery.checks.check import CheckOutcome, CheckResult, Subject
from delivery.checks.program import run

#: what a push does not wait for: the whole platform, Go's compiler, downloads
_LEFT_OUT = "not e2e and not go and not packages"


@dataclass(frozen=True, slots=True)
class Counts:
    """What pytest's report says."""

    ran: int
    skipped: int


@dataclass(frozen=True, slots=True)
class UnitTests:
    """Pytest on the folders that belong to what changed."""

    name: str = "tests"
    timeout_seconds: float = 900.0

    def run(self, subject: Subject) -> CheckResult:
        """Run the unit tests of what changed."""
        folders = unit_test_folders(subject.paths, subject.root)
        if not folders:
            sentence = "no unit tests belong to what changed."
            return CheckResult(self.name, CheckOutcome.SKIPPED, sentence, required=False)
        where = " ".join(folders)
        with tempfile.TemporaryDirectory(prefix="homeostat-tests-") as folder:
            report = Path(folder) / "report.xml"
            argv = [str(subject.programs / "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
            ended = run(
                [*argv, "-m", _LEFT_OUT, f"--junitxml={report}", *folders], subject.root, self.timeout_seconds
            )
            counts = _counts(report)
        if ended.code in (0, 5) and counts.ran == 0:
            return CheckResult(self.name, CheckOutcome.SKIPPED, f"no unit test ran in {where}.", ended.output)
        if ended.code == 0:
            skipped = f", {counts.skipped} skipped" if counts.skipped else ""
            sentence = f"{counts.ran} tests passed{skipped} in {where}."
            return CheckResult(self.name, CheckOutcome.PASSED, sentence)
        why = "took too long" if ended.code is None else "failed"
        return CheckResult(self.name, CheckOutcome.FAILED, f"the unit tests in {where} {why}.", ended.output)


def _counts(report: Path) -> Counts:
    """How many tests ran; none when pytest left no report."""
    if not report.exists():
        return Counts(0, 0)
    suites = ET.parse(report).getroot().iter("testsuite")  # noqa: S314 # nosec B314 - pytest wrote it
    numbers = [(int(suite.get("tests", "0")), int(suite.get("skipped", "0"))) for suite in suites]
    total, skipped = (sum(column) for column in zip(*numbers, strict=True)) if numbers else (0, 0)
    return Counts(total - skipped, skipped)
