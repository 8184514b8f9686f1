"""A virtual machine as its configuration file and its process have it."""

import hashlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tests.proxmox_simulator.refusal import failure


@dataclass(slots=True)
class Snapshot:
    """A state that a VM can be rolled back to."""

    name: str
    config: dict[str, str]
    description: str
    parent: str | None
    taken_at: int = field(default_factory=lambda: int(time.time()))
    with_memory: bool = False


@dataclass(slots=True)
class VirtualMachine:
    """A VM.

    Attributes:
        host: where it is.
        config: its configuration as text, by key (`cores`, `net0`, ...); a change is one made by hand.
        pending: changes that a running VM takes up at its next start; None stands for a deletion.
        status: `running` or `stopped`.
        on_drive: its cloud-init options as they were when the drive was written.
        agent_interfaces: what its guest agent tells of its network; None: no agent answers.
    """

    vmid: int
    host: str
    config: dict[str, str]
    status: str = "stopped"
    pending: dict[str, str | None] = field(default_factory=dict[str, str | None])
    snapshots: dict[str, Snapshot] = field(default_factory=dict[str, Snapshot])
    started_at: float = 0.0
    on_drive: dict[str, str] = field(default_factory=dict[str, str])
    agent_interfaces: list[dict[str, object]] | None = None

    @property
    def name(self) -> str:
        """Its name; Proxmox falls back to `VM` and the number."""
        return self.config.get("name", f"VM {self.vmid}")

    @property
    def digest(self) -> str:
        """The SHA-1 of its configuration file, pending changes and snapshots included."""
        lines = [f"{key}: {value}" for key, value in sorted(self.config.items())]
        lines += ["[PENDING]", *(f"{key}: {value}" for key, value in sorted(self.pending.items()))]
        lines += [f"[{s.name}]{s.description}{s.taken_at}" for s in self.snapshots.values()]
        return hashlib.sha1("\n".join(lines).encode(), usedforsecurity=False).hexdigest()

    @property
    def lock(self) -> str | None:
        """What works on it: `clone`, `backup`, `snapshot`, ..."""
        return self.config.get("lock")

    @property
    def is_template(self) -> bool:
        """Whether it was made a template."""
        return str(self.config.get("template", "0")) == "1"

    @property
    def is_running(self) -> bool:
        """Whether it has a process."""
        return self.status == "running"

    def write_drive(self) -> None:
        """Let the cloud-init drive be what the configuration says."""
        self.on_drive = {key: value for key, value in self.config.items() if is_cloudinit_option(key)}

    def check_lock(self) -> None:
        """Raises the refusal of a VM that something works on."""
        if self.lock:
            raise failure(f"VM is locked ({self.lock})")

    def check_digest(self, digest: str | None) -> None:
        """Raises the refusal of a change that was decided on an older configuration."""
        if digest and digest != self.digest:
            raise failure("detected modified configuration - file changed by other user? Try again.")


class Machines(Protocol):
    """What stands behind VMs, where they are more than states: hosts that boot."""

    def start(self, vm: VirtualMachine) -> None:
        """Boot it, with what its configuration says."""
        ...

    def shutdown(self, vmid: int) -> None:
        """Ask its operating system to power off, and wait."""
        ...

    def stop(self, vmid: int) -> None:
        """Pull the plug."""
        ...

    def destroy(self, vmid: int) -> None:
        """Remove it and its disks; it may never have been started."""
        ...


def disks(config: Mapping[str, str]) -> dict[str, str]:
    """The drives of a configuration with their volumes: `scsi0` -> `local-lvm:vm-100-disk-0`."""
    return {key: value.split(",")[0] for key, value in config.items() if is_drive(key)}


def is_drive(key: str) -> bool:
    """Whether a configuration's key names a drive."""
    stem = key.rstrip("0123456789")
    return stem != key and stem in ("scsi", "virtio", "sata", "ide", "efidisk", "tpmstate")


def is_cloudinit_option(key: str) -> bool:
    """Whether cloud-init reads the option, from the drive."""
    options = ("cicustom", "cipassword", "citype", "ciuser", "ciupgrade")
    return key in (*options, "nameserver", "searchdomain", "sshkeys") or re.fullmatch(r"ipconfig\d+", key) is not None  # fmt: skip  # noqa: E501


def is_cdrom(value: str) -> bool:
    """Whether a drive is a CD-ROM, as a cloud-init drive is too."""
    volume = value.split(",", maxsplit=1)[0]
    return "media=cdrom" in value.split(",") or is_cloudinit(value) or volume in ("none", "cdrom")


def is_cloudinit(value: str) -> bool:
    """Whether a drive is a cloud-init drive, existing (`vm-100-cloudinit`) or asked for (`cloudinit`)."""
    name = value.split(",", maxsplit=1)[0].partition(":")[2]
    return name == "cloudinit" or name.rsplit("/")[-1].split(".")[0].endswith("-cloudinit")
