"""The process provider as delivery sees it: where services answer, and what became of a rollout."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from delivery.git import Git
from delivery.places.place import Packaged, Say
from delivery.rollout import ServiceView
from infra.process import control
from infra.process.status import PlatformStatus, read_status

_FAILED = "rollout failed"
_UNDER_WAY = "rolling out"
_REPLACED = "a later push changed what is deployed"


@dataclass(frozen=True, slots=True)
class ProcessProvider:
    """The platform whose state lies in ``state``."""

    state: Path
    #: the manifests of this commit, or of a later one, are what the views tell about
    commit: str | None = None

    def view(self, model: str) -> ServiceView | None:
        """The service of ``model`` as the supervisor last told."""
        status = read_status(self.state)
        if status is None:
            return None
        service = status.service(f"model-{model}")
        url = service.url if service else None
        if self.commit and status.refused == self.commit:
            return ServiceView(url, " ".join(status.problems), given_up=True)
        replaced = self._is_replaced(status)
        if self.commit and status.deployed != self.commit and not replaced:
            return ServiceView(url, "the hand-off is not deployed yet", given_up=False, under_way=True)
        if service is None:
            return ServiceView(None, _REPLACED, given_up=True) if replaced else None
        under_way = (service.rollout or "").startswith(_UNDER_WAY)
        if replaced and service.healthy and not under_way:
            return ServiceView(url, _REPLACED, given_up=True)
        failed = (service.rollout or "").startswith(_FAILED)
        told = service.rollout or service.last_error or service.doing or ""
        return ServiceView(url, told, given_up=failed or service.failed, under_way=under_way)

    def _is_replaced(self, status: PlatformStatus) -> bool:
        """Whether a later commit is deployed: somebody pushed while the rollout was awaited."""
        if not (self.commit and status.deployed) or self.commit == status.deployed:
            return False
        return Git(status.forge).is_ancestor(self.commit, status.deployed)


@dataclass(frozen=True, slots=True)
class ProcessPlace:
    """The platform as processes, whose state lies in ``state``."""

    state: Path

    def is_running(self) -> bool:
        """Whether its supervisor lives."""
        return control.status(self.state) is not None

    def provider(self, commit: str | None) -> ProcessProvider:
        """The supervisor's status, read for ``commit``."""
        return ProcessProvider(self.state, commit)

    def url(self, service: str) -> str | None:
        """Where a service answers, if it was ever started."""
        status = read_status(self.state)
        found = status.service(service) if status else None
        return found.url if found else None

    def image(self, packaged: Packaged, say: Say) -> str | None:
        """None: processes serve the bento itself."""
        del packaged, say
        return None
