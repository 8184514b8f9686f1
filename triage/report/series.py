"""The series that are worth a plot: those whose samples the evidence has."""

from __future__ import annotations

from collections.abc import Sequence

from triage.evidence.item import EvidenceItem, Point
from triage.report.document import PlottedSeries

LATENCY = "latency_p95"
_MOST_SERIES = 6
_MOST_POINTS = 160
_UNITS = {LATENCY: "s", "latency_p50": "s", "request_rate": "/s", "memory": "bytes"}
#: in this order; others follow
_FIRST = (LATENCY, "error_ratio", "request_rate")


def plotted_series(evidence: Sequence[EvidenceItem]) -> tuple[PlottedSeries, ...]:
    """Latency, errors and request rate first, then what else has samples; thinned for a screen."""
    found = [_series(item) for item in evidence if len(item.points) > 1]
    found.sort(key=lambda one: _FIRST.index(one.name) if one.name in _FIRST else len(_FIRST))
    return tuple(found[:_MOST_SERIES])


def latency_of(series: Sequence[PlottedSeries]) -> tuple[Point, ...]:
    """The p95 latency, or nothing."""
    return next((one.points for one in series if one.name == LATENCY), ())


def _series(item: EvidenceItem) -> PlottedSeries:
    name = item.id.removeprefix("metric.")
    return PlottedSeries(
        name=name,
        title=item.source.removeprefix("Prometheus: "),
        unit=_UNITS.get(name, ""),
        points=item.points[:: max(1, -(-len(item.points) // _MOST_POINTS))],
    )
