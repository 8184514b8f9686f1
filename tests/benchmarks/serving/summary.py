"""Rounds as one figure each: the median, with the smallest and the largest beside it."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.serving.results import Cell, Sample


@dataclass(frozen=True, slots=True)
class Spread:
    """One figure over the rounds."""

    median: float
    smallest: float
    largest: float

    @classmethod
    def over(cls, values: Sequence[float]) -> Spread:
        """Of at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    def shown(self, scale: float = 1.0, digits: int = 0) -> str:
        """As ``median (smallest-largest)``, each times ``scale``."""
        one = f"{self.median * scale:,.{digits}f}"
        if self.smallest == self.largest:
            return one
        return f"{one} ({self.smallest * scale:,.{digits}f}-{self.largest * scale:,.{digits}f})"


@dataclass(frozen=True, slots=True)
class Figures:
    """One server in one cell over all rounds that count."""

    requests_per_second: Spread
    p50_seconds: Spread
    p99_seconds: Spread
    cpu_seconds_per_request: Spread
    memory_bytes: Spread
    client_cpu: Spread
    #: how many latencies each round's percentiles are of
    requests: Spread
    rounds: int
    #: rounds that do not count, since something else than 200 came
    void_rounds: int = 0

    @property
    def note(self) -> str:
        """``2 of 3 rounds`` where some do not count, empty where all do."""
        return f"{self.rounds} of {self.rounds + self.void_rounds} rounds" if self.void_rounds else ""


Summary = Mapping[tuple[str, Cell], Figures]


def summarise(samples: Iterable[Sample]) -> Summary:
    """The figures of every server and cell that was measured at least once without an error."""
    grouped: dict[tuple[str, Cell], list[Sample]] = {}
    for sample in samples:
        grouped.setdefault((sample.server, sample.cell), []).append(sample)
    return {key: _figures(of) for key, of in grouped.items() if any(sample.valid for sample in of)}


def void(samples: Iterable[Sample]) -> Sequence[Sample]:
    """What does not count, to be shown."""
    return [sample for sample in samples if not sample.valid]


def _figures(measured: Sequence[Sample]) -> Figures:
    samples = [sample for sample in measured if sample.valid]

    def over(value: Callable[[Sample], float | None]) -> Spread:
        return Spread.over([found for sample in samples if (found := value(sample)) is not None])

    return Figures(
        over(lambda sample: sample.requests_per_second),
        over(lambda sample: sample.p50_seconds),
        over(lambda sample: sample.p99_seconds),
        over(lambda sample: sample.cpu_seconds_per_request),
        over(lambda sample: float(sample.memory_bytes)),
        over(lambda sample: sample.client_cpu),
        over(lambda sample: float(sample.requests)),
        len(samples),
        len(measured) - len(samples),
    )
