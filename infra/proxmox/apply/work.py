"""What a step on one machine works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from infra.proxmox.api import tasks
from infra.proxmox.api.calls import Calls
from infra.proxmox.api.patience import LOCKS, READING, Patience
from infra.proxmox.api.presence import ask_machine
from infra.proxmox.api.version import Version
from infra.proxmox.api.writing import Say, write
from infra.proxmox.errors import NotThere
from infra.proxmox.found import FoundMachine, options_of
from infra.proxmox.reading import read_machine
from infra.proxmox.wanted import WantedMachine

#: what a task may take that is not the copying of a disk
TASK_SECONDS = 600.0


class Reachable(Protocol):
    """Whether something answers at an address; asked again and again while a machine boots."""

    def __call__(self, address: str, port: int = 22) -> bool:
        """Ask once."""
        ...


@dataclass(frozen=True, slots=True)
class MachineAt:
    """A machine in Proxmox, as a step sees it."""

    api: Calls
    host: str
    vmid: int
    say: Say
    #: how long locks are waited for, and what ends that
    locks: Patience = LOCKS

    @property
    def path(self) -> str:
        """Where the API has it."""
        return f"/nodes/{self.host}/qemu/{self.vmid}"

    def exists(self) -> bool:
        """Whether it is there."""
        try:
            self.options()
        except NotThere:
            return False
        return True

    def options(self) -> dict[str, str]:
        """Its options, as they will be after the next start, with their digest."""
        return options_of(ask_machine(self.api, self.host, self.vmid, "config"))

    def is_running(self) -> bool:
        """Whether it runs."""
        return ask_machine(self.api, self.host, self.vmid, "status/current").get("status") == "running"

    def read(self) -> FoundMachine:
        """All of it, anew."""
        return read_machine(self.api, FoundMachine(self.vmid, "", self.host, running=False))

    def run(
        self,
        start: Callable[[], object],
        kinds: frozenset[str],
        is_done: Callable[[], bool],
        seconds: float = TASK_SECONDS,
    ) -> None:
        """Start a task on the machine and follow it to its end."""
        expected = tasks.Expected(self.host, kinds, str(self.vmid))
        tasks.run(self.api, start, expected, self.say, seconds, is_done, self.locks)

    def write(self, action: Callable[[], object], is_done: Callable[[], bool]) -> None:
        """Change it by a request that Proxmox does at once."""
        write(action, is_done, self.api.clock, self.say, replace(READING, check=self.locks.check), self.locks)


@dataclass(frozen=True, slots=True)
class Job:
    """One machine that is brought to what is wanted."""

    wanted: WantedMachine
    place: MachineAt
    #: of Proxmox VE
    version: Version
