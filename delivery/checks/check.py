"""What a check is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class CheckOutcome(StrEnum):
    """How a check ended."""

    #: it looked at something and found nothing wrong
    PASSED = "passed"
    #: it found something wrong
    FAILED = "failed"
    #: it looked at nothing, or could not look; the sentence says why
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found."""

    name: str
    outcome: CheckOutcome
    sentence: str
    #: what the program behind it printed, for a failure
    output: str = ""
    #: whether being skipped is a failure where everything is required (in GitHub)
    required: bool = True


@dataclass(frozen=True, slots=True)
class Subject:
    """What is checked: a checkout, and what changed in it."""

    root: Path
    #: the paths that changed; everything when there was nothing to compare with
    paths: tuple[str, ...]
    #: the commit to compare with, where there is one
    base: str | None
    #: the environment's programs
    programs: Path
    #: what may be kept between two checks
    cache: Path
    #: an image to look into, where one was built
    image: str | None = None


class Check(Protocol):
    """One way to find something wrong with a change."""

    @property
    def name(self) -> str:
        """For people, in a column."""
        ...

    def run(self, subject: Subject) -> CheckResult:
        """Look at ``subject``; never raises for what it finds."""
        ...
