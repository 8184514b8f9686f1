"""Storages while they are used: volumes, space, and what each type can do."""

import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.proxmox_simulator.hosts import Storage
from tests.proxmox_simulator.refusal import failure

#: types that can make a linked clone of a base volume, and take snapshots
_LINKED_CLONES = ("dir", "nfs", "cifs", "lvmthin", "zfspool")
#: an LVM-thin clone does not name its base, so nothing keeps the base from deletion (as with the real one)
_NAMES_ITS_BASE = ("dir", "nfs", "cifs", "zfspool")


@dataclass(slots=True)
class Volume:
    """A disk image or a file.

    Attributes:
        name: within its storage; `storage:name` is the volume's identifier.
        used_bytes: what it takes of the storage; images are thin, so an empty disk takes nothing.
        base: name of the base volume that a linked clone stands on.
        file: the bytes, for what was downloaded.
    """

    name: str
    content: str
    format: str
    size_bytes: int
    used_bytes: int = 0
    vmid: int | None = None
    base: str | None = None
    file: Path | None = None
    created_at: int = field(default_factory=lambda: int(time.time()))


class StorageInUse:
    """One storage: of one host, or of several when it is shared."""

    def __init__(self, definition: Storage) -> None:
        self.definition = definition
        self.volumes: dict[str, Volume] = {}
        self.is_full = False
        self._guard = threading.RLock()

    @property
    def used_bytes(self) -> int:
        """What is taken; everything, once a test has filled it."""
        if self.is_full:
            return self.definition.size_bytes
        return self.definition.used_bytes + sum(volume.used_bytes for volume in self.volumes.values())

    @property
    def available_bytes(self) -> int:
        """What is left."""
        return max(0, self.definition.size_bytes - self.used_bytes)

    @property
    def can_link_clones(self) -> bool:
        """Whether a clone may share its base's blocks."""
        return self.definition.kind in _LINKED_CLONES

    def take(self, volume: Volume) -> None:
        """Add a volume; raises what a task would die of where no space is left."""
        with self._guard:
            if self.is_full or volume.used_bytes > self.available_bytes:
                raise failure(f"unable to create image: {self._no_space(volume.name)}")
            self.volumes[volume.name] = volume

    def _no_space(self, name: str) -> str:
        if self.definition.kind == "lvmthin":
            full = "Cannot create new thin volume, free space in thin pool pve/data reached threshold"
            return f"{full}: {name}: no space left on device"
        return f"write to '{name}' failed: no space left on device"

    def free_name(self, vmid: int, form: str) -> str:
        """The name of the next disk of a VM."""
        pattern = re.compile(rf"(?:^|/)(?:vm|base)-{vmid}-disk-(\d+)")
        taken = {int(match[1]) for name in self.volumes for match in pattern.finditer(name)}
        number = next(n for n in range(1000) if n not in taken)
        return self.image_name(vmid, f"vm-{vmid}-disk-{number}", form)

    def image_name(self, vmid: int, name: str, form: str) -> str:
        """`name` as this type spells it: `100/vm-100-disk-0.qcow2` in a folder."""
        return f"{vmid}/{name}.{form}" if self.definition.is_file_based else name

    def linked_name(self, base: str, name: str) -> str:
        """The name of a linked clone, which names its base on most types."""
        return f"{base}/{name}" if self.definition.kind in _NAMES_ITS_BASE else name

    def linked_to(self, base: str) -> list[Volume]:
        """The volumes whose names say that they stand on `base`."""
        return [volume for volume in self.volumes.values() if volume.name.startswith(f"{base}/")]

    def default_format(self, wanted: str | None) -> str:
        """The format that a new image gets: only folders have a choice."""
        return (wanted or "raw") if self.definition.is_file_based else "raw"

    def rounded(self, size_bytes: int) -> int:
        """A size as the type allocates it: whole extents of LVM, whole KiB of files."""
        unit = 1024 if self.definition.is_file_based else 4 * 2**20
        return -(-size_bytes // unit) * unit
