"""The simulator as tests hold it: where it listens, who may do what, and what goes wrong."""

import tempfile
from collections.abc import Generator, Iterable, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from tests.proxmox_simulator.api.vm_view import broadcast
from tests.proxmox_simulator.cluster import Cluster, Pool
from tests.proxmox_simulator.faults import CLOSE_CONNECTION, Fault
from tests.proxmox_simulator.gateway import Gateway, Request
from tests.proxmox_simulator.hosts import Host
from tests.proxmox_simulator.server import HostServer
from tests.proxmox_simulator.storages import StorageInUse
from tests.proxmox_simulator.tasks import Task
from tests.proxmox_simulator.tls import write_certificates
from tests.proxmox_simulator.vms import Machines, VirtualMachine


class Simulator:
    """A running simulated cluster; made by `Simulator.start`."""

    def __init__(self, gateway: Gateway, urls: Mapping[str, str], ca_file: Path) -> None:
        self._gateway = gateway
        self._cluster = gateway.cluster
        #: each host's own address; any of them serves the whole cluster
        self.urls = urls
        self.url = next(iter(urls.values()))
        #: the authority that signed the hosts' certificates (PEM)
        self.ca_file = ca_file

    @classmethod
    @contextmanager
    def start(
        cls, hosts: Sequence[Host] = (Host(),), version: str = "8.4.1", machines: Machines | None = None
    ) -> Generator["Simulator"]:
        """Serve until the block is left; every host on a free port of its own."""
        with ExitStack() as stack:
            folder = Path(
                stack.enter_context(
                    tempfile.TemporaryDirectory(prefix="proxmox-", ignore_cleanup_errors=True)
                )
            )
            ca_file, context = write_certificates(folder)
            cluster = Cluster(tuple(hosts), version, machines, folder)
            gateway = Gateway(cluster)
            stack.callback(cluster.tasks.close)
            urls: dict[str, str] = {}
            for host in hosts:
                server = HostServer(host.name, gateway, context)
                stack.callback(server.close)
                urls[host.name] = server.url
            yield cls(gateway, urls, ca_file)
            if gateway.mistakes:
                raise gateway.mistakes[0]

    # ---- who may do what

    def create_token(self, name: str, privileges: Mapping[str, Iterable[str]] | None = None) -> str:
        """A token `user@realm!id` with privileges by path; its secret. None: all of root's privileges."""
        return self._cluster.accounts.create_token(name, privileges)

    def create_user(self, name: str, password: str, privileges: Mapping[str, Iterable[str]]) -> None:
        """A user who logs in by password."""
        self._cluster.accounts.create_user(name, password, privileges)

    def revoke_token(self, name: str) -> None:
        """Delete a token."""
        self._cluster.accounts.revoke_token(name)

    @property
    def root_password(self) -> str:
        """root@pam's."""
        return self._cluster.accounts.root_password

    # ---- what happened

    @property
    def requests(self) -> list[Request]:
        """All requests in order: (method, path, parameters)."""
        return self._gateway.requests

    @property
    def vms(self) -> MutableMapping[int, VirtualMachine]:
        """VMs by number, to look at and to change as a person would by hand."""
        return self._cluster.vms

    def create_pool(self, name: str) -> Pool:
        """Make a pool, as an administrator would; its members may be looked at and changed."""
        return self._cluster.pools.setdefault(name, Pool())

    @property
    def tasks(self) -> Sequence[Task]:
        """All tasks in order."""
        return tuple(self._cluster.tasks.all.values())

    def storage(self, name: str, host: str | None = None) -> StorageInUse:
        """A storage with its volumes; of the first host, unless another is named."""
        return self._cluster.storage(host or next(iter(self.urls)), name)

    # ---- what goes wrong

    @property
    def latency_seconds(self) -> float:
        """How long each request takes at least."""
        return self._gateway.latency_seconds

    @latency_seconds.setter
    def latency_seconds(self, seconds: float) -> None:
        self._gateway.latency_seconds = seconds

    def fail(
        self,
        method: str,
        path_pattern: str,
        status: int = 500,
        times: int = 1,
        after_effect: bool = False,  # named in every call
        message: str = "",
    ) -> None:
        """Let the next `times` matching requests fail, before or after their effect (see Fault)."""
        self._gateway.faults.add(Fault(method, path_pattern, status, times, after_effect, message))

    def close_connection(
        self,
        method: str,
        path_pattern: str,
        times: int = 1,
        after_effect: bool = False,
    ) -> None:
        """Let the next matching requests end without an answer."""
        self.fail(method, path_pattern, CLOSE_CONNECTION, times, after_effect)

    def clear_faults(self) -> None:
        """Let all requests succeed again."""
        self._gateway.faults.clear()

    def slow_task(self, kind: str, seconds: float) -> None:
        """Let tasks of `kind` (`qmclone`, ...) take this long before their effect."""
        self._cluster.tasks.slow(kind, seconds)

    def held_task(self, kind: str) -> AbstractContextManager[None]:
        """While the block lasts, tasks of `kind` run without getting further."""
        return self._cluster.tasks.held(kind)

    def fail_task(self, kind: str, log_lines: Sequence[str], times: int = 1) -> None:
        """Let the next tasks of `kind` die with these lines; the last one is the exit status."""
        self._cluster.tasks.fail(kind, log_lines, times)

    @contextmanager
    def held_broadcasts(self) -> Generator[None]:
        """While the block lasts, /cluster/resources tells of VMs what it did at its beginning.

        Hosts broadcast how their VMs are every 10 s; before, a new one has the status "unknown" and no name.
        """
        with self._cluster.lock:
            self._cluster.broadcast = broadcast(self._cluster)
        try:
            yield
        finally:
            self._cluster.broadcast = None

    def lock(self, vmid: int, kind: str) -> None:
        """Lock a VM as a running backup, migration, ... would."""
        with self._cluster.lock:
            self.vms[vmid].config["lock"] = kind

    def unlock(self, vmid: int) -> None:
        """Take the lock away."""
        with self._cluster.lock:
            self.vms[vmid].config.pop("lock", None)

    def held_lock_file(self, vmid: int) -> AbstractContextManager[None]:
        """While the block lasts, writes to the VM wait, then answer "can't lock file ... got timeout"."""
        return self._cluster.file_locks.exclusive(vmid)

    @property
    def lock_timeout_seconds(self) -> float:
        """How long a write waits for a VM's lock file."""
        return self._cluster.file_locks.timeout_seconds

    @lock_timeout_seconds.setter
    def lock_timeout_seconds(self, seconds: float) -> None:
        self._cluster.file_locks.timeout_seconds = seconds

    def fill(self, storage: str, host: str | None = None) -> None:
        """Leave no space on a storage."""
        self.storage(storage, host).is_full = True

    def make_space(self, storage: str, host: str | None = None) -> None:
        """Undo `fill`."""
        self.storage(storage, host).is_full = False

    def take_offline(self, host: str) -> None:
        """Let a host vanish: requests for it are answered 595, its own address closes connections."""
        self._cluster.offline.add(host)

    def bring_online(self, host: str) -> None:
        """Let it come back."""
        self._cluster.offline.discard(host)
