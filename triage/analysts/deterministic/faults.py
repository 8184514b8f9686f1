"""Faults that a system tells in words of its own: what to look for, how it is called, and what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.facts import Fact, Facts


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, the most telling of a table first."""

    pattern: re.Pattern[str]
    #: as a title says it
    told: str
    step: str


def told_faults(facts: Facts, table: Sequence[Fault]) -> tuple[Fault, Sequence[Fact]] | None:
    """The fault of the first complaint, and all complaints; None where none of the table is told."""
    found = complaints(facts, *(fault.pattern for fault in table))
    if not found:
        return None
    return next(fault for fault in table if fault.pattern.search(found[0].text("text"))), found
