"""The provider ``local``: a real cluster on this machine. All of its parts are put together here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from infra.cluster.provider import ClusterStatus, Proposal, Removal
from infra.cluster.step import Step
from infra.local.deploy import Deploy
from infra.local.place import Place, place
from infra.local.start import Start
from infra.local.status import status
from infra.local.stop import Stop, removal_steps
from infra.programs.obtain import Programs, standard_programs


class LocalProvider:
    """The cluster of one clone on one Linux machine."""

    def __init__(self, where: Place, programs: Programs) -> None:
        self._place = where
        self._programs = programs

    @property
    def lock(self) -> Path:
        """The file whose lock a command holds while it works on the cluster."""
        return self._place.folder.with_name(f"{self._place.folder.name}.lock")

    def preparation(self) -> Sequence[Step]:
        """Nothing: the steps of the start look for themselves."""
        return ()

    def proposal(self) -> Proposal:
        """Nothing to agree with: all of it is on this machine and can be removed again."""
        return Proposal()

    def start_steps(self) -> Sequence[Step]:
        """From the bare machine to a cluster that answers, then what is deployed into it."""
        return (*Start(self._place, self._programs).steps(), *Deploy(self._place).steps())

    def stop_steps(self) -> Sequence[Step]:
        """End everything that runs, and keep all data."""
        return Stop(self._place).steps()

    def removal_steps(self) -> Sequence[Step]:
        """End everything and remove the folder of the cluster."""
        return removal_steps(self._place)

    def removal(self) -> Removal:
        """What a removal destroys."""
        folder = self._place.folder
        return Removal(
            f"This removes the cluster and its data (objects, images, volumes) in {folder}.", "down"
        )

    def status(self) -> ClusterStatus:
        """How the cluster is now."""
        return status(self._place)


def open_provider(root: Path, state: Path) -> LocalProvider:
    """The provider for the clone at ``root``, with everything that it makes in ``state``."""
    return LocalProvider(place(root, state), standard_programs(root, state / "programs"))
