"""The process provider as delivery sees it: where services answer, and what became of a rollout."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from delivery.rollout import ServiceView
from infra.process.status import PlatformStatus, read_status

_FAILED = "rollout failed"


@dataclass(frozen=True, slots=True)
class ProcessProvider:
    """The platform whose state lies in ``state``."""

    state: Path
    #: the manifests of this commit, or of a later one, are what the views tell about
    commit: str | None = None

    def view(self, model: str) -> ServiceView | None:
        """The service of ``model`` as the supervisor last told."""
        status = read_status(self.state)
        service = status.service(f"model-{model}") if status else None
        if status is None or service is None:
            return None
        if self.commit and status.refused == self.commit:
            return ServiceView(service.url, " ".join(status.problems), given_up=True)
        if self.commit and status.deployed != self.commit:
            return ServiceView(service.url, "the hand-off is not deployed yet", given_up=False)
        failed = (service.rollout or "").startswith(_FAILED)
        told = service.rollout or service.last_error or service.doing or ""
        return ServiceView(service.url, told, given_up=failed or service.failed)


def url_of(state: Path, service: str) -> str | None:
    """Where a service of the platform in ``state`` answers, if it was ever started."""
    status: PlatformStatus | None = read_status(state)
    found = status.service(service) if status else None
    return found.url if found else None
