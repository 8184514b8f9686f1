"""What is counted and logged of a request once it has its answer."""

from __future__ import annotations

import structlog

from homeostat.release import Release
from serving.access_log import AccessLog
from serving.metrics import Metrics
from serving.observation import Observation, ProtocolName

SLOW_SECONDS = 0.5

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Accounts:
    """Keeps the accounts of one served release."""

    def __init__(self, release: Release, metrics: Metrics, access_log_fraction: float) -> None:
        """Log ``access_log_fraction`` of the requests that succeed and are not slow."""
        self._release = release
        self._metrics = metrics
        self._access_log = AccessLog(release, access_log_fraction, SLOW_SECONDS)

    def answered(self, observation: Observation, status: int) -> None:
        """Count a request to the served model, whatever its outcome, and log it if it was slow."""
        observation.end()
        self._metrics.answered(observation, status)
        self._access_log.answered(
            observation,
            status,
            rows=observation.rows,
            trace_id=observation.trace_id,
            request_id=observation.request_id,
        )
        duration = observation.duration_seconds()
        if duration > SLOW_SECONDS:
            log.warning(
                "slow_request",
                model=self._release.model,
                version=str(self._release.version),
                protocol=observation.protocol.value,
                duration_seconds=round(duration, 6),
                phases={phase.value: round(seconds, 6) for phase, seconds in observation.phases.items()},
                threshold_seconds=SLOW_SECONDS,
            )

    def strayed(self, protocol: ProtocolName, status: int, sentence: str) -> None:
        """Count and log a request for a model or version that is not served here."""
        self._metrics.strayed(protocol, status)
        self.failed(protocol, status, sentence)

    def failed(self, protocol: ProtocolName, status: int, sentence: str) -> None:
        """Log why a request got no prediction."""
        log.warning(
            "request_failed",
            model=self._release.model,
            version=str(self._release.version),
            protocol=protocol.value,
            status=int(status),
            error=sentence,
        )

    def crashed(self, error: Exception) -> None:
        """Log what nobody foresaw, with its traceback."""
        log.error(
            "model_failed", model=self._release.model, version=str(self._release.version), exc_info=error
        )
