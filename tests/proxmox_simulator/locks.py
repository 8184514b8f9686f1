"""The file lock of each VM (/var/lock/qemu-server/lock-VMID.conf): many readers or one writer."""

import threading
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager

from tests.proxmox_simulator.refusal import failure


class FileLocks:
    """All VMs' file locks; what a running task holds, a write to the same VM waits for, then gives up."""

    def __init__(self) -> None:
        #: Proxmox waits 10 s; tests that want the refusal make it short
        self.timeout_seconds = 10.0
        self._changed = threading.Condition()
        self._readers: Counter[int] = Counter()
        self._writers: set[int] = set()

    @contextmanager
    def exclusive(self, vmid: int) -> Generator[None]:
        """Hold a VM's lock alone."""
        with self._changed:
            self._await(vmid, lambda: vmid not in self._writers and not self._readers[vmid])
            self._writers.add(vmid)
        try:
            yield
        finally:
            with self._changed:
                self._writers.discard(vmid)
                self._changed.notify_all()

    @contextmanager
    def shared(self, vmid: int) -> Generator[None]:
        """Hold a VM's lock together with others who only read it, as clones of one template do."""
        with self._changed:
            self._await(vmid, lambda: vmid not in self._writers)
            self._readers[vmid] += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers[vmid] -= 1
                self._changed.notify_all()

    def _await(self, vmid: int, free: Callable[[], bool]) -> None:
        if not self._changed.wait_for(free, timeout=self.timeout_seconds):
            raise failure(f"can't lock file '/var/lock/qemu-server/lock-{vmid}.conf' - got timeout")
