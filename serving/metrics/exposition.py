"""What Prometheus is told: the rows of all workers as one set of series, whichever worker it asks."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString  # pyright: ignore[reportUnknownVariableType] - its parameter has no type

from serving.metrics.board import Board
from serving.metrics.families import Family, Kind
from serving.metrics.layout import Layout, Series

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Numbers = NDArray[np.float64]


class Exposition(Collector):
    """Reads the board for prometheus_client, which writes the format."""

    def __init__(self, layout: Layout, board: Board) -> None:
        self._layout = layout
        self._board = board

    def text(self) -> bytes:
        """All of it in Prometheus's text format."""
        return generate_latest(self)

    def collect(self) -> Iterable[Metric]:
        """Every family as it is now; one without any event yet and none from the start has no samples."""
        # copied once: all series are of one moment, but for the event that a worker is just counting
        rows = self._board.rows()
        total = rows.sum(axis=0)
        for family, series in self._layout.series.values():
            match family.kind:
                case Kind.COUNTER:
                    yield self._counter(family, series.values(), total)
                case Kind.HISTOGRAM:
                    yield self._histogram(family, series.values(), total)
                case Kind.WORKER_GAUGE:
                    yield _by_worker(family, series.values(), rows)
                case Kind.FACT:
                    yield _fact(family, series.values())

    def _counter(self, family: Family, series: Iterable[Series], total: Numbers) -> Metric:
        told = CounterMetricFamily(family.name, family.text, labels=family.labels)
        for one in series:
            count = float(total[one.slot])
            if count or one.from_start:
                told.add_metric(one.values, count, created=self._board.created_seconds)
        return told

    def _histogram(self, family: Family, series: Iterable[Series], total: Numbers) -> Metric:
        told = HistogramMetricFamily(family.name, family.text, labels=family.labels)
        names = [floatToGoString(bound) for bound in (*family.bounds, np.inf)]
        for one in series:
            end = one.slot + len(names)
            # The count is the last bucket's, so it agrees with the buckets even while a worker counts on.
            reached = np.cumsum(total[one.slot : end]).tolist()
            if reached[-1] or one.from_start:
                told.add_metric(one.values, list(zip(names, reached, strict=True)), float(total[end]))
                labels = dict(zip(family.labels, one.values, strict=True))
                told.add_sample(f"{family.name}_created", labels, self._board.created_seconds)
        return told


def _by_worker(family: Family, series: Iterable[Series], rows: Numbers) -> Metric:
    told = GaugeMetricFamily(family.name, family.text, labels=family.labels)
    for one in series:
        for worker, value in enumerate(rows[:, one.slot].tolist()):
            told.add_metric([str(worker)], value)
    return told


def _fact(family: Family, series: Iterable[Series]) -> Metric:
    told = GaugeMetricFamily(family.name, family.text, labels=family.labels)
    for one in series:
        told.add_metric(one.values, 1.0)
    return told
