"""The door through which requests leave their copy: it costs microseconds, never waits and never raises."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Protocol

import numpy as np
import structlog
from numpy.typing import NDArray

from serving.bundle import BundleManifest
from serving.capture.lines import Lines
from serving.capture.ring import Exchange, Ring
from serving.capture.segment_sink import Bounds, SegmentSink
from serving.capture.writer import CaptureObserver, Writer
from serving.decision import Decision
from serving.settings import ServingSettings

#: of one worker's ring; what does not fit is counted as dropped
RING_BYTES = 16 * 1024 * 1024
#: what an exchange of a single row takes beside its values: three arrays and a tuple, measured
OVERHEAD_BYTES = 600

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Capture(Protocol):
    """Sees every answered request of one worker."""

    def start(self) -> None:
        """Begin to write; in the worker, since no thread survives a fork."""
        ...

    def offer(self, rows: NDArray[np.float64], decision: Decision, trace_id: str | None) -> None:
        """Remember the request if it is one of the sample; called by one thread."""
        ...

    def close(self, limit_seconds: float) -> None:
        """Write what is left, for at most ``limit_seconds``."""
        ...


class NoCapture:
    """Nothing is captured."""

    def start(self) -> None:
        """Start nothing."""

    def offer(self, rows: NDArray[np.float64], decision: Decision, trace_id: str | None) -> None:
        """Forget the request."""

    def close(self, limit_seconds: float) -> None:
        """Close nothing."""


class SampledCapture:
    """Puts a sample of the requests into a ring, without the columns of private features."""

    def __init__(
        self,
        manifest: BundleManifest,
        fraction: float,
        ring: Ring,
        writer: Writer,
        chance: Callable[[], float],
    ) -> None:
        public = [column for column, feature in enumerate(manifest.features) if not feature.private]
        self._public = np.array(public, dtype=np.intp)
        self._fraction = fraction
        self._ring = ring
        self._writer = writer
        self._chance = chance
        self._complained = False

    def start(self) -> None:
        """Start the thread that writes."""
        self._writer.start()

    def offer(self, rows: NDArray[np.float64], decision: Decision, trace_id: str | None) -> None:
        """Copy the request into the ring if it is one of the sample."""
        if self._chance() >= self._fraction:
            return
        try:
            # Copies, since a request's arrays may be views of a whole batch or of the body.
            exchange = Exchange(
                time.time(),
                rows.take(self._public, axis=1),
                decision.probabilities.copy(),
                decision.chosen.copy(),
                trace_id,
            )
            self._ring.put(exchange)
        except Exception as error:  # noqa: BLE001 - see below
            # The request is answered whatever happens here; one sentence tells, not one for each request, and
            # no traceback, whose variables would be a client's values.
            if not self._complained:
                self._complained = True
                log.error("capture_failed", error=f"{type(error).__name__}: {error}")  # noqa: TRY400 - see above

    def close(self, limit_seconds: float) -> None:
        """Flush the ring into the sink."""
        if not self._writer.close(limit_seconds):
            log.warning("capture_abandoned", seconds=limit_seconds)


def capture_from(
    settings: ServingSettings, manifest: BundleManifest, version: str, observer: CaptureObserver
) -> Capture:
    """What the settings ask for: nothing, unless they name a directory.

    Made in the worker, so that each has a sample of its own.
    """
    if settings.capture_directory is None:
        return NoCapture()
    ring = Ring(ring_rows(manifest))
    sink = SegmentSink(settings.capture_directory, Bounds(total_bytes=settings.capture_bytes))
    writer = Writer(ring, sink, Lines(manifest, version), observer)
    return SampledCapture(manifest, settings.capture_fraction, ring, writer, random.Random().random)  # noqa: S311 - a sample, no secret


def ring_rows(manifest: BundleManifest) -> int:
    """How many rows of this model fit into :data:`RING_BYTES`."""
    return RING_BYTES // (OVERHEAD_BYTES + 8 * (len(manifest.features) + len(manifest.classes)))
