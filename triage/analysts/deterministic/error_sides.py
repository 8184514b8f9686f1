"""Whose fault failed requests are: the caller's (4xx) or the server's (5xx)."""

from __future__ import annotations

from dataclasses import dataclass

from triage.analysts.analysis import Citation
from triage.analysts.deterministic.facts import Fact, Facts

CLIENT, SERVER = "4xx", "5xx"


@dataclass(frozen=True, slots=True)
class ErrorSide:
    """The failures of one status class: their share of all requests, and what the log says of them."""

    ratio: Fact | None
    logged: Fact | None

    @property
    def share(self) -> float:
        """Of all requests from the onset on; by the log's count alone it is unknown and zero."""
        return self.ratio.amount("after") if self.ratio else 0.0

    @property
    def error(self) -> str:
        """The most frequent error in the log, or the empty string."""
        return self.logged.text("error") if self.logged else ""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The lines that say so."""
        return tuple(fact.cite() for fact in (self.ratio, self.logged) if fact)

    def weight(self) -> tuple[float, float]:
        """For comparing two sides: the metric first, the log's count where there is none."""
        return self.share, self.logged.amount("count") if self.logged else 0.0


def error_side(facts: Facts, side: str) -> ErrorSide:
    """What is known of the failures of one status class."""
    ratios = [
        fact for fact in facts.all("error_ratio") if fact.text("side") == side and fact.amount("after") > 0
    ]
    logged = [fact for fact in facts.all("log.failures", facts.own_log) if fact.text("side") == side]
    return ErrorSide(next(iter(ratios), None), next(iter(logged), None))
