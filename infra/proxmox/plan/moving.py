"""Snapshots that keep a stopped machine's disks on their host.

Proxmox copies local disks without their snapshots, and so refuses to move a disk that has any, unless the
storage's type (or the image's format) carries them along.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from infra.proxmox.found import FoundMachine, Landscape
from infra.proxmox.wanted import WantedMachine

#: only snapshots of this name are ever deleted
OWN_SNAPSHOT = "homeostat-"
_DRIVE = re.compile(r"(scsi|virtio|ide|sata|efidisk|tpmstate)\d+")


def own_snapshots_in_the_way(found: FoundMachine, landscape: Landscape) -> Sequence[str]:
    """Ours, oldest first: they are deleted before the machine moves."""
    return [name for name in _in_the_way(found, landscape) if name.startswith(OWN_SNAPSHOT)]


def snapshot_mistakes(wanted: WantedMachine, found: FoundMachine, landscape: Landscape) -> Iterator[str]:
    """A person's own snapshots, which nobody else may delete."""
    if found.host == wanted.host or wanted.ha or found.running:
        return
    for name in _in_the_way(found, landscape):
        if not name.startswith(OWN_SNAPSHOT):
            yield (
                f"node {wanted.name}: host is '{wanted.host}', but it lies on {found.host} with a local disk "
                f"and its snapshot '{name}' can't move along; delete that snapshot in Proxmox, or write "
                f"host: {found.host}."
            )


def _in_the_way(found: FoundMachine, landscape: Landscape) -> Sequence[str]:
    drives = (text for option, text in (found.config or {}).items() if _DRIVE.fullmatch(option))
    stays = any(not _carries_snapshots(text.partition(",")[0], found.host, landscape) for text in drives)
    return sorted(found.snapshots) if stays else []


def _carries_snapshots(volume: str, host: str, landscape: Landscape) -> bool:
    storage = landscape.storage(volume.partition(":")[0], host)
    if storage is None or storage.shared:
        return True
    is_raw_on_btrfs = storage.kind == "btrfs" and not volume.endswith((".qcow2", ".vmdk"))
    return storage.kind == "zfspool" or is_raw_on_btrfs or volume.endswith(".qcow2")
