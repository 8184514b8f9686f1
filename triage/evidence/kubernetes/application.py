"""Argo CD's Application, as far as triage reads it."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import AwareDatetime

from triage.evidence.kubernetes.foreign import Foreign, Meta

HEALTHY = frozenset({"", "Healthy", "Suspended"})


class Health(Foreign):
    """How well something is, in Argo CD's words."""

    status: str = ""
    message: str = ""
    last_transition_time: AwareDatetime | None = None


class Sync(Foreign):
    """Whether what runs is what git says."""

    status: str = ""
    revision: str = ""


class Resource(Foreign):
    """One of the application's objects."""

    group: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    status: str = ""
    health: Health = Health()
    #: of a sync: what became of it
    message: str = ""


class SyncResult(Foreign):
    """What a sync did to each object."""

    revision: str = ""
    resources: tuple[Resource, ...] = ()


class Operation(Foreign):
    """The last sync."""

    phase: str = ""
    message: str = ""
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None
    sync_result: SyncResult = SyncResult()


class AppCondition(Foreign):
    """Something that Argo CD could not do."""

    type: str
    message: str = ""
    last_transition_time: AwareDatetime | None = None


class Deployed(Foreign):
    """One entry of the application's history."""

    revision: str = ""
    deployed_at: AwareDatetime | None = None


class ApplicationStatus(Foreign):
    """What Argo CD knows of it."""

    sync: Sync = Sync()
    health: Health = Health()
    operation_state: Operation | None = None
    resources: tuple[Resource, ...] = ()
    conditions: tuple[AppCondition, ...] = ()
    history: tuple[Deployed, ...] = ()


class Application(Foreign):
    """One application."""

    metadata: Meta = Meta()
    status: ApplicationStatus = ApplicationStatus()

    @property
    def unhealthy(self) -> Sequence[Resource]:
        """Its objects that are not well."""
        return [one for one in self.status.resources if one.health.status not in HEALTHY]
