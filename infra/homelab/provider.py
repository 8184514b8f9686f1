"""The provider ``proxmox``: the cluster of ``cluster.yaml``. All of its parts are put together here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from infra.cluster.provider import ClusterStatus, Proposal, Removal
from infra.cluster.step import Step
from infra.definition.load import load_definition
from infra.homelab.place import Place
from infra.homelab.start import Start
from infra.homelab.status import status
from infra.homelab.stop import removal_steps, stop_steps


class HomelabProvider:
    """The cluster of one clone, on machines of Proxmox."""

    def __init__(self, where: Place) -> None:
        self._place = where
        self._start = Start(where)

    @property
    def lock(self) -> Path:
        """The file whose lock a command holds while it works on the machines."""
        return self._place.lock

    def preparation(self) -> Sequence[Step]:
        """Look at this machine and at the hosts, and compare the machines with ``cluster.yaml``."""
        return self._start.preparation()

    def proposal(self) -> Proposal:
        """What will be done in Proxmox; nothing when the machines are as they should be."""
        return self._start.proposal()

    def start_steps(self) -> Sequence[Step]:
        """From what was agreed with to a cluster that is as git says."""
        return self._start.steps()

    def stop_steps(self) -> Sequence[Step]:
        """Shut the machines down, agents before servers; their disks stay."""
        return stop_steps(self._place)

    def removal_steps(self) -> Sequence[Step]:
        """Destroy the machines that carry this cluster's tags."""
        return removal_steps(self._place)

    def removal(self) -> Removal:
        """What a removal destroys, confirmed by the cluster's name."""
        definition = load_definition(self._place.definition)
        names = ", ".join(node.name for node in definition.nodes)
        return Removal(
            f"This destroys the machines of the cluster '{definition.name}' ({names}) with their disks.",
            definition.name,
        )

    def status(self) -> ClusterStatus:
        """How the cluster is now."""
        return status(self._place)


def open_provider(root: Path, state: Path) -> HomelabProvider:
    """The provider for the clone at ``root``, with everything that it keeps here in ``state``."""
    return HomelabProvider(Place(root, state))
