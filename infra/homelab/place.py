"""Where the things of one homelab's cluster lie on the machine that it is managed from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from infra.definition import place
from infra.definition.load import FILE_NAME


@dataclass(frozen=True, slots=True)
class Place:
    """One clone's homelab."""

    #: the repository
    root: Path
    #: the folder for all that the platform makes on this machine
    state: Path

    @property
    def definition(self) -> Path:
        """The owner's description of the cluster."""
        return self.root / FILE_NAME

    @property
    def kubeconfig(self) -> Path:
        """The administrator's way to the Kubernetes API."""
        return place.kubeconfig(self.state)

    @property
    def known_hosts(self) -> Path:
        """The SSH host keys of the machines, as they were when they were first entered."""
        return place.known_hosts(self.state)

    @property
    def lock(self) -> Path:
        """The file whose lock is held by whoever changes the machines."""
        return place.lock(self.state)
