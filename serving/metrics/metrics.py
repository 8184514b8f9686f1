"""Counting, on the path of every request: so nothing here looks a name up, waits, or makes an object."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from prometheus_client.metrics_core import Metric

from serving.decision import Decision
from serving.metrics.board import Board
from serving.metrics.exposition import Exposition
from serving.metrics.families import OTHER, STATUSES, UNKNOWN, Refusal
from serving.metrics.layout import Layout
from serving.observation import Observation, Phase, ProtocolName

#: from this many rows on, numpy's fixed cost is less than a loop's
_MANY_ROWS = 20


class Metrics:
    """The metrics of one served release, as one worker counts them.

    Each method is called from one thread, and always the same: the event loop's, if nothing else is said.
    """

    def __init__(self, layout: Layout, board: Board, worker: int = 0) -> None:
        self._row = row = board.row(worker)
        self._exposition = Exposition(layout, board)
        served, slot = layout.served, layout.slot
        requests = "homeostat_inference_requests"
        self._answers = {one: _statuses(layout, requests, *served, one.value) for one in ProtocolName}
        self._strays = {one: _statuses(layout, requests, UNKNOWN, UNKNOWN, one.value) for one in ProtocolName}
        latency, phase = "homeostat_inference_latency_seconds", "homeostat_inference_phase_seconds"
        self._latency = {one: Histogram(row, layout, latency, *served, one.value) for one in ProtocolName}
        self._phases = {one: Histogram(row, layout, phase, *served, one.value) for one in Phase}
        self._classes = layout.slots_of("homeostat_predictions")
        self._confidence = Histogram(row, layout, "homeostat_prediction_confidence", *served)
        self._features = {
            values[-1]: slot("homeostat_input_out_of_range", *values)
            for values in layout.series["homeostat_input_out_of_range"][1]
        }
        self._batch_rows = Histogram(row, layout, "homeostat_batch_rows", *served)
        self._batch_wait = Histogram(row, layout, "homeostat_batch_wait_seconds", *served)
        self._refusals = {one: slot("homeostat_requests_refused", *served, one.value) for one in Refusal}
        self._explanations = _statuses(layout, "homeostat_explanations", *served)
        self._captured = slot("homeostat_capture_rows", *served)
        self._capture_dropped = slot("homeostat_capture_dropped", *served)
        self._lines_dropped = slot("homeostat_log_lines_dropped", *served)
        self._restarts = slot("homeostat_worker_restarts")
        self._resident = slot("homeostat_worker_resident_bytes")
        self._connections = slot("homeostat_worker_connections")

    def answered(self, observation: Observation, status: int) -> None:
        """Count one request to the served model, whatever its outcome."""
        protocol = observation.protocol
        slots = self._answers[protocol]
        self._row[slots.get(status, slots[0])] += 1.0
        self._latency[protocol].observe(observation.duration_seconds())
        phases = self._phases
        for phase, seconds in observation.phases.items():
            phases[phase].observe(seconds)

    def strayed(self, protocol: ProtocolName, status: int) -> None:
        """Count one request for a model or version that is not served here."""
        slots = self._strays[protocol]
        self._row[slots.get(status, slots[0])] += 1.0

    def predicted(self, decision: Decision, out_of_range: Mapping[str, int]) -> None:
        """Count what was asked and answered."""
        chosen = decision.chosen
        if len(chosen) < _MANY_ROWS:
            row, classes, observe = self._row, self._classes, self._confidence.observe
            for index, one in enumerate(chosen.tolist()):
                row[classes[one]] += 1.0
                observe(decision.probabilities.item(index, one))
        else:
            self._predicted_many(chosen)
            self._confidence.observe_many(decision.confidences)
        for feature, count in out_of_range.items():
            self._row[self._features[feature]] += count

    def batched(self, requests: int, rows: int, waited_seconds: float) -> None:
        """Count one call of the engine, with the rows of ``requests``; the first waited for so long."""
        del requests  # how many rows a call has is what its time comes from
        self._batch_rows.observe(rows)
        self._batch_wait.observe(waited_seconds)

    def refused(self, reason: Refusal) -> None:
        """Count one request that was right and got no prediction; :meth:`answered` counts it as well."""
        self._row[self._refusals[reason]] += 1.0

    def explained(self, status: int) -> None:
        """Count one request for an explanation, whatever its outcome."""
        slots = self._explanations
        self._row[slots.get(status, slots[0])] += 1.0

    def captured(self, rows: int) -> None:
        """Count rows that were written; the sink's thread may call this."""
        self._row[self._captured] += rows

    def capture_dropped(self, rows: int) -> None:
        """Count rows that were sampled and given up."""
        self._row[self._capture_dropped] += rows

    def log_line_dropped(self) -> None:
        """Count a line of the log that was given up."""
        self._row[self._lines_dropped] += 1.0

    def resident(self, resident_bytes: int) -> None:
        """Note how much of this worker is in RAM."""
        self._row[self._resident] = resident_bytes

    def connected(self, connections: int) -> None:
        """Note how many connections this worker holds open."""
        self._row[self._connections] = connections

    def restarted(self) -> None:
        """Count that this worker died and is replaced; for the master, before it forks the successor."""
        self._row[self._restarts] += 1.0
        self._row[self._resident] = self._row[self._connections] = 0.0

    def exposition(self) -> bytes:
        """What all workers counted, in Prometheus's text format."""
        return self._exposition.text()

    def families(self) -> Iterable[Metric]:
        """The same, before it is written."""
        return self._exposition.collect()

    def _predicted_many(self, chosen: NDArray[np.intp]) -> None:
        row = self._row
        counts = np.bincount(chosen, minlength=len(self._classes)).tolist()
        for slot, count in zip(self._classes, counts, strict=True):
            row[slot] += count


class Histogram:
    """One histogram in a worker's row."""

    __slots__ = ("_bounds", "_first", "_row", "_sum")

    def __init__(self, row: memoryview[float], layout: Layout, name: str, *values: str) -> None:
        self._row = row
        self._bounds = layout.bounds(name)
        self._first = layout.slot(name, *values)
        self._sum = self._first + len(self._bounds) + 1

    def observe(self, value: float) -> None:
        """Count one value in the bucket whose bound is the first that it does not exceed."""
        row = self._row
        row[self._first + bisect_left(self._bounds, value)] += 1.0
        row[self._sum] += value

    def observe_many(self, values: NDArray[np.float64]) -> None:
        """Count many at once."""
        row, first = self._row, self._first
        counts = np.bincount(np.searchsorted(self._bounds, values))
        for bucket in counts.nonzero()[0].tolist():
            row[first + bucket] += counts.item(bucket)
        row[self._sum] += values.sum().item()


def _statuses(layout: Layout, name: str, *values: str) -> Mapping[int, int]:
    """The slot of each status; under 0, which is none, the slot of all others."""
    slots = {status: layout.slot(name, *values, str(status)) for status in STATUSES}
    return {**slots, 0: layout.slot(name, *values, OTHER)}
