"""One measured figure and what it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """``met`` is None where nothing was promised."""

    what: str
    measured: str
    target: str = ""
    met: bool | None = None

    def row(self) -> str:
        """A row of the page's table."""
        return f"| {self.what} | {self.measured} | {self.target} | {self._verdict()} |"

    def text(self) -> str:
        """A line for a terminal."""
        target = f" (target {self.target}: {self._verdict()})" if self.target else ""
        return f"{self.what}: {self.measured}{target}"

    def _verdict(self) -> str:
        return {True: "met", False: "MISSED", None: ""}[self.met]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of all are not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, int(len(ordered) * share + 0.999_999) - 1))]


def milliseconds(values: Sequence[float]) -> str:
    """Some percentiles of durations in seconds."""
    return ", ".join(
        f"p{share * 100:g} {percentile(values, share) * 1_000:.0f} ms" for share in (0.5, 0.95, 0.99)
    )
