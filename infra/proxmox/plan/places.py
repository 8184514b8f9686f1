"""Hosts, storages, bridges and devices that ``cluster.yaml`` names, and what they have not."""

from __future__ import annotations

from collections.abc import Iterator

from infra.proxmox.found import Landscape
from infra.proxmox.plan.space import space_mistakes
from infra.proxmox.property_strings import size_text
from infra.proxmox.wanted import Wanted, WantedMachine


def place_mistakes(wanted: Wanted, landscape: Landscape) -> Iterator[str]:
    """What is missing or too small where the machines should be."""
    yield from _hosts(wanted, landscape)
    for machine in wanted.machines:
        if machine.host in landscape.hosts and not landscape.is_offline(machine.host):
            yield from _place(machine, landscape)
            yield from _devices(machine, landscape)
            yield from _availability(machine, landscape)
    yield from _memory(wanted, landscape)
    yield from space_mistakes(wanted, landscape)


def _hosts(wanted: Wanted, landscape: Landscape) -> Iterator[str]:
    there = ", ".join(sorted(landscape.hosts)) or "none that this token may see"
    for machine in wanted.machines:
        if machine.host not in landscape.hosts:
            yield (f"node {machine.name}: host is '{machine.host}', which is none of Proxmox's: {there}.")


def _place(machine: WantedMachine, landscape: Landscape) -> Iterator[str]:
    storage = landscape.storage(machine.storage, machine.host)
    if storage is None:
        seen = sorted(one.name for one in landscape.storages if one.host == machine.host)
        yield (
            f"node {machine.name}: storage is '{machine.storage}', which host {machine.host} does not have; "
            f"it has: {', '.join(seen) or 'none that this token may see'}."
        )
    elif "images" not in storage.content:
        yield (
            f"node {machine.name}: storage '{machine.storage}' on {machine.host} does not take disk images; "
            "add the content type 'Disk image' to it, or name another storage."
        )
    elif not storage.available:
        yield f"node {machine.name}: storage '{machine.storage}' is not available on host {machine.host}."
    bridges = landscape.hosts[machine.host].bridges
    if bridges is not None and machine.bridge not in bridges:
        yield (
            f"node {machine.name}: bridge is '{machine.bridge}', which host {machine.host} does not have; "
            f"it has: {', '.join(sorted(bridges)) or 'none'}."
        )


def _devices(machine: WantedMachine, landscape: Landscape) -> Iterator[str]:
    if machine.passthrough is None or landscape.mappings is None:
        return
    name = machine.passthrough.mapping
    if name not in landscape.mappings:
        seen = ", ".join(sorted(landscape.mappings)) or "none that this token may see"
        yield f"node {machine.name}: gpu.mapping is '{name}', which Proxmox does not have; there are: {seen}."
    elif machine.host not in landscape.mappings[name]:
        yield (
            f"node {machine.name}: the mapping '{name}' has no device on host {machine.host}; add one "
            "(Datacenter, Resource Mappings), or name another host."
        )


def _availability(machine: WantedMachine, landscape: Landscape) -> Iterator[str]:
    if not machine.ha:
        return
    storage = landscape.storage(machine.storage, machine.host)
    if storage and not storage.shared:
        yield (
            f"node {machine.name}: ha is true, but storage '{machine.storage}' is on one host alone, so that "
            "another host could not start it; use a shared storage, or set ha to false."
        )
    if machine.passthrough:
        yield f"node {machine.name}: ha is true, but a device passed through ties it to its host; choose one."
    groups = landscape.ha_groups
    # a rule, which took a group's place, can be made only with its first machine, and goes with its last
    if (
        landscape.version[0] < 9
        and machine.ha_group
        and groups is not None
        and machine.ha_group not in groups
    ):
        yield (
            f"node {machine.name}: proxmox.ha_group is '{machine.ha_group}', and there is no such HA group; "
            f"there are: {', '.join(sorted(groups)) or 'none'}."
        )


def _memory(wanted: Wanted, landscape: Landscape) -> Iterator[str]:
    for name, host in landscape.hosts.items():
        here = [machine for machine in wanted.machines if machine.host == name]
        asked = sum(machine.guaranteed_bytes for machine in here)
        if host.memory_bytes and asked > host.memory_bytes:
            yield (
                f"host {name}: its {len(here)} nodes can't do with less than {size_text(asked)} of memory, "
                f"and it has {size_text(host.memory_bytes)}; give them less, or move some."
            )
