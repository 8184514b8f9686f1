"""One way to mistreat a server, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tests.benchmarks.serving.processes import Running


@dataclass
class Outcome:
    """What was seen, and what of it must not be."""

    seen: str
    failures: list[str] = field(default_factory=list[str])


class Scenario(Protocol):
    """Named by what it does."""

    name: str

    def play(self, server: Running) -> Outcome:
        """Mistreat ``server`` until it has answered or let go."""
        ...


def refused(statuses: Sequence[int], allowed: Sequence[int]) -> list[str]:
    """What is wrong with the answers to requests that had to be refused; 0 is a closed connection."""
    wrong = sorted({status for status in statuses if status not in allowed})
    return [f"answered {status} where one of {list(allowed)} is right" for status in wrong]


def counted(statuses: Sequence[int]) -> str:
    """How often each was answered."""
    return ", ".join(f"{statuses.count(status)} x {status or 'closed'}" for status in sorted(set(statuses)))
