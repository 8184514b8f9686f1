"""Machines of the cluster that its file no longer names."""

from __future__ import annotations

from collections.abc import Iterator

from infra.proxmox.found import Landscape
from infra.proxmox.plan.actions import Action, Change, Kind
from infra.proxmox.wanted import Wanted


def removals(wanted: Wanted, landscape: Landscape) -> Iterator[Action]:
    """The machines that carry both tags of the cluster, and are not in its file."""
    kept = {machine.vmid for machine in wanted.machines}
    for found in landscape.machines:
        if found.vmid not in kept and found.carries(wanted.tags):
            note = "it is no longer in the file"
            yield Action(
                Kind.REMOVE,
                found.vmid,
                found.name,
                found.host,
                (Change("host", found.host, None),),
                note=note,
            )
