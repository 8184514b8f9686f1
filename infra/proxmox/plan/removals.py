"""Machines of the cluster that its file no longer names."""

from __future__ import annotations

from collections.abc import Iterator

from infra.proxmox.found import FoundMachine, Landscape
from infra.proxmox.plan.actions import Action, Change, Kind
from infra.proxmox.wanted import Wanted


def removals(wanted: Wanted, landscape: Landscape) -> Iterator[Action]:
    """The machines that carry both tags of the cluster, and are not in its file."""
    for found in _left(wanted, landscape):
        if not landscape.is_offline(found.host):
            note = "it is no longer in the file"
            yield Action(
                Kind.REMOVE,
                found.vmid,
                found.name,
                found.host,
                (Change("host", found.host, None),),
                note=note,
            )


def unreachable_removals(wanted: Wanted, landscape: Landscape) -> Iterator[str]:
    """Those that can't be removed now, a sentence each."""
    for found in _left(wanted, landscape):
        if landscape.is_offline(found.host):
            yield (
                f"machine {found.vmid} is no longer in the file; it is on {found.host}, which is offline, "
                "and stays until that host is back."
            )


def _left(wanted: Wanted, landscape: Landscape) -> Iterator[FoundMachine]:
    kept = {machine.vmid for machine in wanted.machines}
    return (one for one in landscape.machines if one.vmid not in kept and one.carries(wanted.tags))
