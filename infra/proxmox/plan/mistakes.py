"""What only Proxmox knows to be wrong with ``cluster.yaml``: all of it, before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from infra.proxmox.found import BOOT_DISK, FoundMachine, Landscape, Ownership
from infra.proxmox.plan.cloning import cloning_mistakes
from infra.proxmox.plan.moving import snapshot_mistakes
from infra.proxmox.plan.offline import refusals
from infra.proxmox.plan.places import place_mistakes
from infra.proxmox.plan.removals import removals
from infra.proxmox.property_strings import size_text
from infra.proxmox.wanted import Wanted, WantedMachine


def mistakes(wanted: Wanted, landscape: Landscape) -> Sequence[str]:
    """One sentence for each."""
    found = [*place_mistakes(wanted, landscape)]
    refused = refusals(wanted, landscape)
    for machine in wanted.machines:
        found += _identity(machine, landscape)
        if machine.name in refused:
            continue
        if (there := landscape.machine(machine.vmid)) and there.ownership(machine) is not Ownership.FOREIGN:
            found += _disk(machine, there)
            found += _address(machine, there)
            found += _move(machine, there, landscape)
            found += snapshot_mistakes(machine, there, landscape)
    within_reach = replace(wanted, machines=[one for one in wanted.machines if one.name not in refused])
    return [*found, *cloning_mistakes(within_reach, landscape), *_addresses(wanted, landscape)]


def _identity(machine: WantedMachine, landscape: Landscape) -> Iterator[str]:
    """Nobody else's machine may have its number or its name."""
    found = landscape.machine(machine.vmid)
    # what is not read yet may be a clone of ours without its tags
    is_read = found is not None and not landscape.is_offline(found.host)
    if found and is_read and found.ownership(machine) is Ownership.FOREIGN:
        yield (
            f"node {machine.name}: VMID {machine.vmid} belongs to '{found.name}' on {found.host}, which this "
            f"platform did not make{_half_made(found)}; choose another vmid."
        )
    for other in landscape.machines:
        if other.name != machine.name or other.vmid == machine.vmid:
            continue
        if other.carries(machine.tags):
            yield (
                f"node {machine.name}: vmid is {machine.vmid}, but it is machine {other.vmid} already, and "
                f"that number can't change; write vmid {other.vmid}, or remove it first: "
                f"homeostat proxmox destroy --node {machine.name}."
            )
        else:
            yield (
                f"node {machine.name}: machine {other.vmid} on {other.host} has this name and is not this "
                "cluster's; rename one of them."
            )


def _half_made(found: FoundMachine) -> str:
    if found.lock is None:
        return ""
    return f" (or left half made: it is locked by '{found.lock}', and no task works on it)"


def _disk(machine: WantedMachine, found: FoundMachine) -> Iterator[str]:
    if not found.boot_disk:
        yield (f"node {machine.name}: machine {machine.vmid} has no disk {BOOT_DISK}; destroy it, and apply.")
        return
    if machine.disk_bytes < found.disk_bytes:
        yield (
            f"node {machine.name}: disk is {size_text(machine.disk_bytes)}, but its disk has "
            f"{size_text(found.disk_bytes)} and is never shrunk; write at least that, or destroy the node "
            "and make it anew."
        )
    if found.storage != machine.storage:
        yield (
            f"node {machine.name}: storage is '{machine.storage}', but its disk lies on '{found.storage}'; "
            "move it in Proxmox (Hardware, Disk Action, Move Storage), or write that storage."
        )


def _address(machine: WantedMachine, found: FoundMachine) -> Iterator[str]:
    """A living node keeps its address: a member of etcd is known by it, and Proxmox forgets that it waits."""
    before, after = found.address, str(machine.cloud_init.address)
    was_started = found.running or found.ownership(machine) is Ownership.OURS
    if before and before != after and was_started:
        yield (
            f"node {machine.name}: address is {after}, but machine {machine.vmid} was made with {before}, "
            "and a node that lives keeps its address; write that (and put it back in Proxmox, Cloud-Init, if "
            f"it was changed there), or make the node anew: homeostat proxmox destroy --node {machine.name}, "
            "then apply (docs/tutorials/homelab/replace-a-node.md)."
        )


def _move(machine: WantedMachine, found: FoundMachine, landscape: Landscape) -> Iterator[str]:
    """Disks of a running machine are not copied between hosts: that takes long and can fail half-way."""
    if found.host == machine.host or machine.ha or not found.running:
        return
    storage = landscape.storage(found.storage, found.host)
    if found.has_passthrough:
        yield (
            f"node {machine.name}: host is '{machine.host}', but it runs on {found.host} with a device "
            "passed through, which can't move; shut it down first."
        )
    elif storage is None or not storage.shared:
        yield (
            f"node {machine.name}: host is '{machine.host}', but it runs on {found.host} with its disk on "
            f"'{found.storage}', which only that host has; drain the node and shut it down, then apply "
            "copies the disk."
        )


def _addresses(wanted: Wanted, landscape: Landscape) -> Iterator[str]:
    """A machine that left the file, and still has an address that another node gets."""
    left = {action.vmid for action in removals(wanted, landscape)}
    by_address = {str(machine.cloud_init.address): machine for machine in wanted.machines}
    for found in landscape.machines:
        if found.vmid not in left or found.config is None:
            continue
        address = found.address
        if machine := by_address.get(address):
            yield (
                f"node {machine.name}: address {address} is still that of machine {found.vmid} '{found.name}'"
                f"; remove it first: homeostat proxmox destroy --node {found.name}."
            )
