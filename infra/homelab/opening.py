"""What every command on the homelab begins with: the definition, and the ways to Proxmox and the machines."""

from __future__ import annotations

import os
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from infra.cluster.step import Say
from infra.definition.document import Definition
from infra.definition.load import load_definition
from infra.gitops.kubectl import Kubectl
from infra.homelab.machines import Machines
from infra.homelab.place import Place
from infra.homelab.ssh import ssh_of
from infra.programs.obtain import standard_programs
from infra.proxmox.api.session import Session
from infra.proxmox.drift.journal import journal_path
from infra.secret_store.store import Secrets


@dataclass(frozen=True, slots=True)
class Homelab:
    """One homelab, opened; to be closed, as a context or by ``close``, so that no connection is left open."""

    place: Place
    definition: Definition
    machines: Machines

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connections with Proxmox."""
        self.machines.session.close()

    def kubectl(self, say: Say) -> Kubectl:
        """The cluster's API, reached with the kubeconfig that was fetched."""
        programs = standard_programs(self.place.root, self.place.state / "programs")
        return Kubectl(programs.get("kubectl", say).path, self.place.kubeconfig)


def opened(place: Place, say: Say) -> Homelab:
    """Read the definition and the token's secret; nothing is asked of Proxmox yet.

    Raises:
        ConfigError: when the definition has mistakes.
        MissingSecret: when there is no secret of the token.
    """
    definition = load_definition(place.definition)
    secret = Secrets.open(place.root, os.environ, say).get("proxmox_token")
    session = Session.open(definition.proxmox, secret.get_secret_value())
    ssh, journal = ssh_of(definition, place.known_hosts), journal_path(place.state, definition.name)
    return Homelab(place, definition, Machines(definition, session, ssh, journal))
