"""Real parts of capturing, small enough for a test."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from serving.bundle import BundleManifest, FeatureSpec, Task
from serving.capture.capture import SampledCapture
from serving.capture.lines import Lines
from serving.capture.ring import Ring
from serving.capture.sink import Sink
from serving.capture.writer import Writer
from serving.decision import Decision, decide

MANIFEST = BundleManifest(
    model="toy",
    task=Task.BINARY,
    features=(FeatureSpec(name="age"), FeatureSpec(name="salary", private=True), FeatureSpec(name="visits")),
    classes=("stays", "leaves"),
    positive_class="leaves",
    threshold=0.5,
)
SECONDS = 20.0


@dataclass
class Counted:
    """What the writer said."""

    captured_rows: int = 0
    dropped_rows: int = 0
    threads: set[str] = field(default_factory=set[str])

    def captured(self, rows: int) -> None:
        self.captured_rows += rows
        self.threads.add(threading.current_thread().name)

    def capture_dropped(self, rows: int) -> None:
        self.dropped_rows += rows
        self.threads.add(threading.current_thread().name)


def capture_into(
    sink: Sink,
    counted: Counted,
    capacity_rows: int = 1000,
    fraction: float = 1.0,
    chance: Callable[[], float] = lambda: 0.0,
) -> SampledCapture:
    ring = Ring(capacity_rows)
    writer = Writer(ring, sink, Lines(MANIFEST, "3"), counted, poll_seconds=0.005)
    return SampledCapture(MANIFEST, fraction, ring, writer, chance)


def asked(first: int, rows: int = 1) -> np.ndarray:
    """Rows whose age counts from ``first``, so that each can be told apart; salaries are in the millions."""
    return np.array([[first + row, 7_654_321.0, np.nan if row % 2 else 2.0] for row in range(rows)])


def answered(rows: int = 1) -> Decision:
    return decide(MANIFEST, np.tile([0.25, 0.75], (rows, 1)))


def await_that(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.005)
