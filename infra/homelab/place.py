"""Where the things of one homelab's cluster lie on the machine that it is managed from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from infra.definition.load import FILE_NAME


@dataclass(frozen=True, slots=True)
class Place:
    """One clone's homelab."""

    #: the repository
    root: Path
    #: all that is made on this machine for it
    folder: Path

    @property
    def definition(self) -> Path:
        """The owner's description of the cluster."""
        return self.root / FILE_NAME

    @property
    def kubeconfig(self) -> Path:
        """The administrator's way to the Kubernetes API."""
        return self.folder / "kubeconfig"

    @property
    def known_hosts(self) -> Path:
        """The SSH host keys of the machines, as they were when they were first entered."""
        return self.folder / "known_hosts"


def place(root: Path, state: Path) -> Place:
    """The homelab of the clone at ``root`` whose state is in ``state``."""
    return Place(root, state / "homelab")
