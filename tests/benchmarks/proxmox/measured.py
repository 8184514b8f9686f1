"""One line of the benchmark's page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured, and what it should be."""

    what: str
    measured: str
    target: str = ""
    met: bool | None = None

    def row(self) -> str:
        """As a row of a Markdown table."""
        verdict = {None: "", True: "met", False: "missed"}[self.met]
        return f"| {self.what} | {self.measured} | {self.target} | {verdict} |"
