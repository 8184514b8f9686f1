"""What the supervisor tells about itself, in ``supervisor.json``, for people and for programs."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError

from homeostat import atomic
from homeostat.config import Document
from infra.programs.obtain import Record

STATUS_NAME = "supervisor.json"
#: failed starts in a row after which nobody waits for a service any more; the supervisor goes on trying
MOST_FAILURES = 3


class Phase(StrEnum):
    """Where a service stands between being declared and being stopped."""

    #: for the services that it needs
    WAITING = "waiting"
    #: its configuration is written and its program obtained
    PREPARING = "preparing"
    #: its process runs and is not ready yet
    STARTING = "starting"
    #: its last health check was answered
    HEALTHY = "healthy"
    #: its process runs, and its last health check failed
    UNHEALTHY = "unhealthy"
    #: it failed, and waits before it is started again
    RESTING = "resting"
    #: it was asked to end
    STOPPING = "stopping"


class ServiceStatus(Document):
    """One service."""

    name: str
    phase: Phase = Phase.WAITING
    essential: bool = True
    #: since when it is in this phase
    since: datetime
    #: what takes so long, while it is being prepared
    doing: str = ""
    pid: int | None = None
    #: with ``pid`` it names the process beyond doubt (proc(5), starttime)
    started_ticks: int | None = None
    port: int | None = None
    #: differs from ``port`` when something else listened there
    wished_port: int | None = None
    url: str | None = None
    revision: str = ""
    #: starts after the first one
    restarts: int = 0
    #: starts that failed since it was last healthy
    failures: int = 0
    last_error: str | None = None
    #: what became of the last change of revision
    rollout: str | None = None

    @property
    def healthy(self) -> bool:
        """Whether it does its work."""
        return self.phase is Phase.HEALTHY

    @property
    def failed(self) -> bool:
        """Whether nobody should wait for it any more."""
        return not self.healthy and self.failures >= MOST_FAILURES


class PlatformPhase(StrEnum):
    """Where the whole stands."""

    #: not every essential service has been healthy yet
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    FAILED = "failed"


class PlatformStatus(Document):
    """The supervisor and everything that it runs."""

    phase: PlatformPhase
    since: datetime
    pid: int
    started_ticks: int
    root: Path
    state: Path
    #: where to push
    forge: Path
    #: the commit whose manifests are deployed
    deployed: str | None = None
    #: the later commit that could not be deployed, which ``problems`` explain
    refused: str | None = None
    alert_time_divisor: float = 1.0
    services: tuple[ServiceStatus, ...] = ()
    programs: tuple[Record, ...] = ()
    #: what a person should know, one sentence each
    problems: tuple[str, ...] = ()

    @property
    def healthy(self) -> bool:
        """Whether every service does its work."""
        return self.phase is PlatformPhase.RUNNING and all(service.healthy for service in self.services)

    @property
    def settled(self) -> bool:
        """Whether the platform is up, and each service does its work or has failed for good."""
        return self.phase is PlatformPhase.RUNNING and all(
            service.healthy or service.failed for service in self.services
        )

    def service(self, name: str) -> ServiceStatus | None:
        """The service of that name."""
        return next((service for service in self.services if service.name == name), None)


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def write_status(status: PlatformStatus) -> None:
    """Write the status whole.

    Raises:
        OSError: when it can't be written; the last one then still stands.
    """
    atomic.write_text(status.state / STATUS_NAME, status.model_dump_json(indent=2) + "\n")


def read_status(state: Path) -> PlatformStatus | None:
    """The last written status of the platform in ``state``, whether or not it still runs."""
    try:
        return PlatformStatus.model_validate_json((state / STATUS_NAME).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
