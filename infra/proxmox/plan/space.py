"""Whether storages have room for new disks and for what old ones grow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infra.proxmox.found import FoundStorage, Landscape
from infra.proxmox.property_strings import size_text
from infra.proxmox.wanted import Wanted, WantedMachine

#: types whose disks take only what is written to them; files on the last ones are sparse, or qcow2
_THIN = frozenset({"lvmthin", "zfspool", "rbd", "btrfs", "dir", "nfs", "cifs", "cephfs", "glusterfs"})


@dataclass(frozen=True, slots=True)
class _Demand:
    """What is asked of one storage."""

    storage: FoundStorage
    #: when all is written
    whole_bytes: int
    #: for the copies of the template alone
    copies_bytes: int

    @property
    def name(self) -> str:
        return self.storage.name if self.storage.shared else f"{self.storage.name} on {self.storage.host}"

    @property
    def must_be_free_bytes(self) -> int:
        return self.copies_bytes if self.storage.kind in _THIN else self.whole_bytes


def space_mistakes(wanted: Wanted, landscape: Landscape) -> Iterator[str]:
    """Storages that can't hold what is written at once: whole disks, or where they are thin, the copies."""
    for demand in _demands(wanted, landscape):
        free = demand.storage.free_bytes
        if demand.must_be_free_bytes > free:
            is_thin = demand.storage.kind in _THIN
            what = "copies of the template alone" if is_thin else "new disks and grown ones"
            yield (
                f"storage {demand.name}: {what} want {size_text(demand.must_be_free_bytes)}, and "
                f"{size_text(free)} are free; make space, or make disks smaller."
            )


def space_notes(wanted: Wanted, landscape: Landscape) -> Iterator[str]:
    """Thin storages that are promised more than they have: that goes well until it is written."""
    for demand in _demands(wanted, landscape):
        free = demand.storage.free_bytes
        if demand.must_be_free_bytes <= free < demand.whole_bytes:
            yield (
                f"storage {demand.name}: new disks and grown ones may come to "
                f"{size_text(demand.whole_bytes)}, and {size_text(free)} are free: it is "
                "thin, so they are made, and it must not fill up."
            )


def _demands(wanted: Wanted, landscape: Landscape) -> Sequence[_Demand]:
    template = landscape.machine(wanted.template.vmid)
    copy = max(1, template.disk_bytes if template else 0)
    asked: dict[tuple[str, str], list[WantedMachine]] = defaultdict(list)
    for machine in wanted.machines:
        found, storage = landscape.machine(machine.vmid), landscape.storage(machine.storage, machine.host)
        is_out_of_reach = landscape.is_offline(machine.host) or (found and landscape.is_offline(found.host))
        if storage and not is_out_of_reach and (found or machine.full_clone):
            asked[storage.name, "" if storage.shared else storage.host].append(machine)
    demands: list[_Demand] = []
    for (name, host), machines in asked.items():
        storage = next(one for one in landscape.storages if one.name == name and host in {"", one.host})
        grown = [max(0, one.disk_bytes - _has(one, landscape)) for one in machines]
        new = sum(landscape.machine(one.vmid) is None for one in machines)
        demands.append(_Demand(storage, sum(grown), copy * new))
    return demands


def _has(machine: WantedMachine, landscape: Landscape) -> int:
    found = landscape.machine(machine.vmid)
    return found.disk_bytes if found else 0
