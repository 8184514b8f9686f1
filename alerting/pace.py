"""How fast the watching runs: the intervals of a patient site, and the same for one in a hurry.

A demonstration can't wait five minutes for an alert, so it divides every duration by one number. Floors keep
the result honest: scrapes stay far enough apart for a busy machine to answer each, a range holds at least
four of them (else ``rate()`` would see too few samples), and what must last outlasts one lost scrape.
"""

from __future__ import annotations

from dataclasses import dataclass

from alerting.durations import to_milliseconds, to_text

SCRAPE_MILLISECONDS = 15_000
LEAST_SCRAPE_MILLISECONDS = 2000
LEAST_INTERVAL_MILLISECONDS = 1000
SCRAPES_IN_A_RANGE = 4
SCRAPES_IN_A_HOLD = 2


@dataclass(frozen=True, slots=True)
class Pace:
    """Divides durations by ``divisor``, which is at least 1; 1 leaves all as it is."""

    divisor: float = 1.0

    def __post_init__(self) -> None:
        if not self.divisor >= 1:
            raise ValueError(f"the divisor of alert times is {self.divisor}; it must be at least 1")

    @property
    def scrape_milliseconds(self) -> int:
        """Between two scrapes of a target, and between two evaluations of a rule."""
        return self._shorten(SCRAPE_MILLISECONDS, LEAST_SCRAPE_MILLISECONDS)

    def span(self, duration: str) -> str:
        """A range of samples, or an offset past one: at least four scrapes."""
        return self._text(duration, SCRAPES_IN_A_RANGE * self.scrape_milliseconds)

    def hold(self, duration: str) -> str:
        """How long a condition must last, such as ``for``: at least two scrapes."""
        return self._text(duration, SCRAPES_IN_A_HOLD * self.scrape_milliseconds)

    def evaluation(self, duration: str) -> str:
        """Between two evaluations of a group of rules, or two steps of a subquery: at least a scrape."""
        return self._text(duration, self.scrape_milliseconds)

    def interval(self, duration: str) -> str:
        """Between two actions of Alertmanager: at least a second."""
        return self._text(duration, LEAST_INTERVAL_MILLISECONDS)

    def pause(self, duration: str) -> str:
        """A short wait of Alertmanager: at least a millisecond."""
        return self._text(duration, 1)

    def _text(self, duration: str, floor: int) -> str:
        milliseconds = to_milliseconds(duration)
        shortened = self._shorten(milliseconds, floor)
        return duration if shortened == milliseconds else to_text(shortened)

    def _shorten(self, milliseconds: int, floor: int) -> int:
        # a floor never makes a duration longer than it was
        return min(milliseconds, max(floor, round(milliseconds / self.divisor)))
