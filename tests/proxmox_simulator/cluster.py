"""The state of the simulated cluster, shared by all requests and tasks; `lock` guards every change."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.proxmox_simulator.accounts import Accounts, Caller
from tests.proxmox_simulator.hosts import Host
from tests.proxmox_simulator.locks import FileLocks
from tests.proxmox_simulator.permissions import Permissions
from tests.proxmox_simulator.refusal import Refusal, failure, wrong_parameters
from tests.proxmox_simulator.storages import StorageInUse, Volume
from tests.proxmox_simulator.tasks import Task, Tasks
from tests.proxmox_simulator.vms import Machines, VirtualMachine


@dataclass(slots=True)
class Pool:
    """VMs and storages under one name, for permissions."""

    comment: str = ""
    vmids: set[int] = field(default_factory=set[int])
    storages: set[str] = field(default_factory=set[str])


@dataclass(slots=True)
class HighAvailability:
    """What the HA manager is told: resources, and groups (until 8) or rules (since 9)."""

    resources: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    groups: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    rules: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])


class Cluster:
    """Hosts, storages, VMs, tasks and accounts."""

    def __init__(
        self, hosts: tuple[Host, ...], version: str, machines: Machines | None, folder: Path
    ) -> None:
        self.version = version
        self.hosts = {host.name: host for host in hosts}
        self.machines = machines
        self.folder = folder
        self.accounts = Accounts()
        self.tasks = Tasks()
        self.file_locks = FileLocks()
        self.lock = threading.RLock()
        self.vms: dict[int, VirtualMachine] = {}
        self.pools: dict[str, Pool] = {}
        self.ha = HighAvailability()
        self.offline: set[str] = set()
        #: what /cluster/resources tells of VMs in place of how they are; None: it is not held up
        self.broadcast: dict[int, dict[str, Any]] | None = None
        self._storages = _storages(hosts)

    @property
    def major(self) -> int:
        """8 or 9."""
        return int(self.version.split(".")[0])

    def vm(self, host: str, vmid: int) -> VirtualMachine:
        """The VM of that number on that host."""
        vm = self.vms.get(vmid)
        if vm is None or vm.host != host:
            raise failure(f"Configuration file 'nodes/{host}/qemu-server/{vmid}.conf' does not exist")
        return vm

    def storage(self, host: str, name: str) -> StorageInUse:
        """The storage that a host knows by that name."""
        storage = self._storages.get((host, name))
        if storage is None:
            if any(name == known for _, known in self._storages):
                raise failure(f"storage '{name}' is not available on node '{host}'")
            raise failure(f"storage '{name}' does not exist")
        return storage

    def storages_of(self, host: str) -> dict[str, StorageInUse]:
        """All storages of a host by name."""
        return {name: storage for (owner, name), storage in self._storages.items() if owner == host}

    def volume(self, host: str, volid: str) -> tuple[StorageInUse, Volume]:
        """A volume and its storage, by `storage:name`."""
        storage_name, colon, name = volid.partition(":")
        if not colon:
            raise failure(f"unable to parse volume ID '{volid}'")
        storage = self.storage(host, storage_name)
        if name not in storage.volumes:
            raise failure(f"volume '{volid}' does not exist")
        return storage, storage.volumes[name]

    def permissions(self, caller: Caller) -> Permissions:
        """A caller's rights now."""
        pools: dict[str, str] = {}
        with self.lock:
            for name, pool in self.pools.items():
                pools |= {f"/vms/{vmid}": name for vmid in pool.vmids}
                pools |= {f"/storage/{storage}": name for storage in pool.storages}
        return Permissions(caller, self.major, pools)

    def check_host(self, host: str) -> None:
        """Raises the refusal of a host that isn't in the cluster, or doesn't answer."""
        if host not in self.hosts:
            # from memory: pveproxy can't resolve the name, before any code sees the parameter
            why = f"failed to get address info for: {host}: Name or service not known"
            raise failure(f"hostname lookup '{host}' failed - {why}")
        if host in self.offline:
            raise Refusal(595, "No route to host")

    def check_vmid_unused(self, vmid: int) -> None:
        """Raises the refusal of a number that is taken."""
        if vmid in self.vms:
            raise failure(f"VM {vmid} already exists on node '{self.vms[vmid].host}'")


def _storages(hosts: tuple[Host, ...]) -> dict[tuple[str, str], StorageInUse]:
    shared: dict[str, StorageInUse] = {}
    found: dict[tuple[str, str], StorageInUse] = {}
    for host in hosts:
        for storage in host.storages:
            one = (
                shared.setdefault(storage.name, StorageInUse(storage))
                if storage.shared
                else StorageInUse(storage)
            )
            found[host.name, storage.name] = one
    return found


@dataclass(frozen=True, slots=True)
class Call:
    """One request: authenticated, permitted by its method's rule, its parameters as the rule allows."""

    cluster: Cluster
    caller: Caller
    parameters: dict[str, str]
    served_by: str

    @property
    def permissions(self) -> Permissions:
        """What the caller may do."""
        return self.cluster.permissions(self.caller)

    @property
    def host(self) -> str:
        """The host in the path."""
        return self.parameters["node"]

    @property
    def vmid(self) -> int:
        """The VM's number in the path, or of the VM to create."""
        return int(self.parameters["vmid"])

    @property
    def vm(self) -> VirtualMachine:
        """The VM in the path."""
        return self.cluster.vm(self.host, self.vmid)

    def text(self, name: str) -> str | None:
        """A parameter, None where it was left out."""
        return self.parameters.get(name)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean parameter."""
        return self.parameters.get(name, str(int(default))) == "1"

    def check_skiplock(self) -> None:
        """Raises where someone but root@pam would go past a lock."""
        if self.flag("skiplock") and not self.caller.is_root:
            raise wrong_parameters({"skiplock": "Only root may use this option."})

    def start_task(self, kind: str, work: Callable[[Task], None], *, id_: str | None = None) -> str:
        """Run `work` as the caller's task; its UPID."""
        id_ = self.parameters.get("vmid", "") if id_ is None else id_
        return self.cluster.tasks.start(self.host, kind, id_, self.caller.name, work).upid

    def start_locked_task(self, kind: str, work: Callable[[Task], None]) -> str:
        """Like start_task, holding the VM's file lock while the task runs."""
        return self.start_task(kind, self.under(self.cluster.file_locks.exclusive(self.vmid), work))

    def under(
        self, held: AbstractContextManager[None], work: Callable[[Task], None]
    ) -> Callable[[Task], None]:
        """`work` with a lock held around it, and after what a test wished for its kind."""

        def locked(task: Task) -> None:
            with held:
                self.cluster.tasks.before_effect(task)
                work(task)

        return locked
