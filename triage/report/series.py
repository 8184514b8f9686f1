"""The series that are worth a plot: those whose samples the evidence has."""

from __future__ import annotations

import math
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
    found = [one for one in map(_series, evidence) if len(one.points) > 1]
    found.sort(key=lambda one: _FIRST.index(one.name) if one.name in _FIRST else len(_FIRST))
    return tuple(found[:_MOST_SERIES])


def latency_of(series: Sequence[PlottedSeries]) -> tuple[Point, ...]:
    """The p95 latency, or nothing."""
    return next((one.points for one in series if one.name == LATENCY), ())


def _series(item: EvidenceItem) -> PlottedSeries:
    name = item.id.removeprefix("metric.")
    # what came from a file may hold anything, and neither a plot nor JSON takes what is no number
    points = [point for point in item.points if math.isfinite(point.value)]
    return PlottedSeries(
        name=name,
        title=item.source.removeprefix("Prometheus: "),
        unit=_UNITS.get(name, ""),
        points=tuple(points[:: max(1, -(-len(points) // _MOST_POINTS))]),
    )
