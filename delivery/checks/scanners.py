"""Scanners that are programs of their own: used where they are installed, named as skipped where not.

None is fetched or compiled for a push; in GitHub all of them are installed and required.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from delivery.checks.check import CheckOutcome, CheckResult, Subject
from delivery.checks.program import Ended, find, run
from infra.programs.obtain import cache_folder

_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Gitleaks:
    """Secrets in what was committed since the base, or in the whole history without one."""

    name: str = "gitleaks"

    def run(self, subject: Subject) -> CheckResult:
        """Scan the commits."""
        program = find("gitleaks", *cache_folder().glob("gitleaks-*"))
        if program is None:
            return CheckResult(self.name, CheckOutcome.SKIPPED, "gitleaks is not installed.")
        argv = [str(program), "git", "--no-banner", "--redact", "--exit-code", "9"]
        argv += [f"--log-opts={subject.base}..HEAD"] if subject.base else []
        return _judged(self.name, run([*argv, "."], subject.root, _SECONDS), findings=9, what="secret")


@dataclass(frozen=True, slots=True)
class ImageScan:
    """Trivy on the image, where one was built."""

    name: str = "image scan"

    def run(self, subject: Subject) -> CheckResult:
        """Scan the image for vulnerabilities that matter and have a fix."""
        if subject.image is None:
            return CheckResult(self.name, CheckOutcome.SKIPPED, "no image is built here.", required=False)
        program = find("trivy")
        if program is None:
            return CheckResult(self.name, CheckOutcome.SKIPPED, "trivy is not installed.")
        argv = [str(program), "image", "--quiet", "--exit-code", "9", "--severity", "HIGH,CRITICAL"]
        ended = run([*argv, "--ignore-unfixed", subject.image], subject.root, 2 * _SECONDS)
        return _judged(self.name, ended, findings=9, what="vulnerability")


@dataclass(frozen=True, slots=True)
class Snyk:
    """Snyk, for those who have a token."""

    name: str = "snyk"

    def run(self, subject: Subject) -> CheckResult:
        """Scan the lock."""
        if not os.environ.get("SNYK_TOKEN"):
            return CheckResult(self.name, CheckOutcome.SKIPPED, "SNYK_TOKEN is not set.", required=False)
        program = find("snyk")
        if program is None:
            return CheckResult(self.name, CheckOutcome.SKIPPED, "snyk is not installed.")
        argv = [str(program), "test", "--file=requirements/dev.txt", "--package-manager=pip"]
        argv += [f"--command={subject.programs / 'python'}", "--severity-threshold=high"]
        return _judged(self.name, run(argv, subject.root, _SECONDS), findings=1, what="vulnerability")


def _judged(name: str, ended: Ended, findings: int, what: str) -> CheckResult:
    """A scanner's exit code as a result; it passes only when it said so."""
    if ended.code == 0:
        return CheckResult(name, CheckOutcome.PASSED, f"no {what} found.")
    if ended.code == findings:
        return CheckResult(name, CheckOutcome.FAILED, f"{name} found at least one {what}.", ended.output)
    why = "took too long" if ended.code is None else f"broke with exit code {ended.code}"
    return CheckResult(name, CheckOutcome.FAILED, f"{name} {why}, so nothing is known.", ended.output)
