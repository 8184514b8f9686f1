"""All checks: what a push is checked for, and the part of it that looks for weaknesses."""

from __future__ import annotations

from delivery.checks.audit import Audit
from delivery.checks.bandit import Bandit
from delivery.checks.check import Check
from delivery.checks.lint import Lint
from delivery.checks.scanners import Gitleaks, ImageScan, Snyk
from delivery.checks.types import Types
from delivery.checks.unit_tests import UnitTests


def scanners() -> tuple[Check, ...]:
    """What looks for weaknesses and secrets."""
    return (Bandit(), Audit(), Gitleaks(), ImageScan(), Snyk())


def all_checks() -> tuple[Check, ...]:
    """What a push is checked for; those that take longest begin first."""
    return (UnitTests(), Types(), Lint(), *scanners())
