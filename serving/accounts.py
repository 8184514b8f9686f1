"""What is counted and logged of a request once it has its answer.

Mistakes of clients are logged up to so many a second: a flood of them would fill the log's queue, and what
matters would be dropped. The server's own failures are always logged.
"""

from __future__ import annotations

import structlog

from homeostat.release import Release
from serving.access_log import AccessLog
from serving.allowance import Allowance
from serving.metrics import Metrics
from serving.observation import Observation, ProtocolName

SLOW_SECONDS = 0.5

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Accounts:
    """Keeps the accounts of one served release."""

    def __init__(
        self, release: Release, metrics: Metrics, access_log_fraction: float, mistakes: Allowance
    ) -> None:
        """Log ``access_log_fraction`` of what succeeds and is not slow, and what ``mistakes`` allows."""
        self._release = release
        self._metrics = metrics
        self._mistakes = mistakes
        self._access_log = AccessLog(release, access_log_fraction, SLOW_SECONDS)

    def answered(self, observation: Observation, status: int) -> None:
        """Count a request to the served model that got its prediction, and log it if it was slow."""
        self._own_up()
        self._count(observation, status)
        self._log(observation, status)

    def failed(self, observation: Observation, status: int, sentence: str) -> None:
        """Count a request to the served model that got no prediction, and log why."""
        self._own_up()
        self._count(observation, status)
        if self._is_said(status):
            self._say(observation.protocol, status, sentence)
            self._log(observation, status)

    def strayed(self, protocol: ProtocolName, status: int, sentence: str) -> None:
        """Count and log a request for a model or version that is not served here."""
        self._own_up()
        self._metrics.strayed(protocol, status)
        if self._is_said(status):
            self._say(protocol, status, sentence)

    def crashed(self, error: Exception) -> None:
        """Log what nobody foresaw, with its traceback."""
        log.error(
            "model_failed", model=self._release.model, version=str(self._release.version), exc_info=error
        )

    def _count(self, observation: Observation, status: int) -> None:
        observation.end()
        self._metrics.answered(observation, status)

    def _is_said(self, status: int) -> bool:
        return status >= 500 or self._mistakes.take()

    def _own_up(self) -> None:
        if withheld := self._mistakes.withheld():
            log.warning("failed_requests_not_logged", model=self._release.model, requests=withheld)

    def _log(self, observation: Observation, status: int) -> None:
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

    def _say(self, protocol: ProtocolName, status: int, sentence: str) -> None:
        log.warning(
            "request_failed",
            model=self._release.model,
            version=str(self._release.version),
            protocol=protocol.value,
            status=int(status),
            error=sentence,
        )
