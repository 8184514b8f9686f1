"""A pod, as far as triage reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pydantic import AwareDatetime, Field

from triage.evidence.kubernetes.foreign import Condition, Foreign, Meta


class Waiting(Foreign):
    """A container that does not run, and why."""

    reason: str = ""
    message: str = ""


class Running(Foreign):
    """A container that runs."""

    started_at: AwareDatetime | None = None


class Terminated(Foreign):
    """How a container ended."""

    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    message: str = ""
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None

    @property
    def began(self) -> datetime | None:
        """When it began to run; of a container that never did, the API says 1970."""
        return self.started_at if self.started_at and self.started_at > _NEVER else None


_NEVER = datetime(1970, 1, 2, tzinfo=UTC)


class ContainerState(Foreign):
    """Exactly one of the three, or none while nobody knows."""

    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


class ContainerStatus(Foreign):
    """One container of a pod, now and before its last restart."""

    name: str
    image: str = ""
    ready: bool = False
    restart_count: int = 0
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()

    @property
    def is_troubled(self) -> bool:
        """Whether something is or was wrong with it."""
        ended = self.state.terminated
        failed = ended is not None and ended.exit_code != 0
        return failed or self.state.waiting is not None or self.restart_count > 0


class Resources(Foreign):
    """What a container asks for and what it may take at most."""

    requests: Mapping[str, str] = Field(default_factory=dict[str, str])
    limits: Mapping[str, str] = Field(default_factory=dict[str, str])


class Container(Foreign):
    """A container as it is declared."""

    name: str
    image: str = ""
    resources: Resources = Resources()


class Claim(Foreign):
    """The persistent volume claim behind a volume."""

    claim_name: str


class Volume(Foreign):
    """A volume of a pod; only claims matter here."""

    name: str = ""
    persistent_volume_claim: Claim | None = None


class PodSpec(Foreign):
    """What the pod is to be."""

    node_name: str = ""
    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    volumes: tuple[Volume, ...] = ()


class PodStatus(Foreign):
    """What the pod is."""

    phase: str = "Unknown"
    reason: str = ""
    message: str = ""
    start_time: AwareDatetime | None = None
    conditions: tuple[Condition, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()
    init_container_statuses: tuple[ContainerStatus, ...] = ()


class Pod(Foreign):
    """One pod."""

    metadata: Meta = Meta()
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()

    @property
    def containers(self) -> Sequence[ContainerStatus]:
        """All of its containers' statuses, those that come first first."""
        return (*self.status.init_container_statuses, *self.status.container_statuses)

    @property
    def is_ready(self) -> bool:
        """Whether traffic may reach it."""
        return any(one.type == "Ready" and one.status == "True" for one in self.status.conditions)

    @property
    def claims(self) -> Sequence[str]:
        """The names of the claims that it mounts."""
        mounted = (volume.persistent_volume_claim for volume in self.spec.volumes)
        return [claim.claim_name for claim in mounted if claim]

    def declared(self, container: str) -> Container | None:
        """How the container of that name is declared."""
        return next(
            (one for one in (*self.spec.containers, *self.spec.init_containers) if one.name == container),
            None,
        )
