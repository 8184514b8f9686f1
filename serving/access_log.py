"""One line for a request, with its trace: when it failed or was slow, else for a sample.

``slow_request`` and ``request_failed`` are warnings that diagnoses read; the event ``request`` is for those
who follow one request through several services, so it is information even when both are said of it.
"""

from __future__ import annotations

import random

import structlog

from homeostat.release import Release
from serving.observation import Observation

#: of a trace id, the half that OpenTelemetry's TraceIdRatioBased sampler compares, as it is the random one
_RANDOM_DIGITS = 16
_RANDOM_VALUES = 1 << 64
#: a client chooses its id, and may choose a long one
_MOST_CHARACTERS = 128

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class AccessLog:
    """Writes the event ``request`` for requests to one release."""

    def __init__(self, release: Release, fraction: float, slow_seconds: float) -> None:
        """Log ``fraction`` of the requests that succeed in less than ``slow_seconds``."""
        self._release = release
        self._fraction = fraction
        self._bound = round(fraction * _RANDOM_VALUES)
        self._slow_seconds = slow_seconds

    def answered(
        self,
        observation: Observation,
        status: int,
        *,
        rows: int | None = None,
        trace_id: str | None = None,
        request_id: str | None = None,
    ) -> None:
        """Log a request that has its answer, or don't; ``rows`` is None when they were never known."""
        duration = observation.duration_seconds()
        if status < 400 and duration <= self._slow_seconds and not self._is_sampled(trace_id):
            return
        log.info(
            "request",
            model=self._release.model,
            version=str(self._release.version),
            protocol=observation.protocol.value,
            status=int(status),
            rows=rows,
            duration_seconds=round(duration, 6),
            phases={phase.value: round(seconds, 6) for phase, seconds in observation.phases.items()},
            trace_id=trace_id,
            request_id=None if request_id is None else request_id[:_MOST_CHARACTERS],
        )

    def _is_sampled(self, trace_id: str | None) -> bool:
        """The same for all requests of a trace, in every service that samples as OpenTelemetry does."""
        if trace_id is None:
            return random.random() < self._fraction  # noqa: S311  # nosec B311 - a sample, no secret
        return int(trace_id[-_RANDOM_DIGITS:], 16) < self._bound
