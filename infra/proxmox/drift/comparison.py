"""What differs between the machines and ``cluster.yaml``, whether or not a plan could mend it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from infra.proxmox.drift.observation import values
from infra.proxmox.found import FoundMachine, Landscape
from infra.proxmox.plan.options import changes
from infra.proxmox.property_strings import size_text
from infra.proxmox.wanted import Wanted, WantedMachine

#: the field by which a whole machine is there or not
MACHINE = "machine"
#: how the field begins that tells of a host which is down, so that nothing can be told of the machine
HOST = "host"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one machine."""

    vmid: int
    name: str
    #: where it is, or should be
    host: str
    field: str
    wanted: str | None
    found: str | None


def differences(wanted: Wanted, landscape: Landscape) -> Iterator[Difference]:
    """All of them, in the order of the file; then machines that it does not name."""
    for machine in wanted.machines:
        found = landscape.machine(machine.vmid)
        if found and landscape.is_offline(found.host):
            field = f"{HOST} {found.host}"
            yield Difference(machine.vmid, machine.name, found.host, field, "online", "offline")
        elif found is None or found.config is None:
            yield Difference(machine.vmid, machine.name, machine.host, MACHINE, "there", None)
        else:
            yield from _fields(machine, found)
    numbers = {machine.vmid for machine in wanted.machines}
    for found in landscape.machines:
        if found.vmid not in numbers and found.carries(wanted.tags):
            yield Difference(found.vmid, found.name, found.host, MACHINE, None, "there")


def _fields(wanted: WantedMachine, found: FoundMachine) -> Iterator[Difference]:
    for change in changes(wanted, found.config or {})[0]:
        yield _difference(wanted, found, change.field, change.after, change.before)
    is_now = values(found)
    should_be = {
        "power": "running",
        "host": is_now["host"] if wanted.ha else wanted.host,
        "disk": size_text(wanted.disk_bytes),
        "storage": wanted.storage,
        "pool": wanted.pool or is_now.get("pool"),
        "ha": (wanted.ha_group or "managed") if wanted.ha else None,
    }
    for field, value in should_be.items():
        if is_now.get(field) != value:
            yield _difference(wanted, found, field, value, is_now.get(field))


def _difference(
    wanted: WantedMachine, found: FoundMachine, field: str, should_be: str | None, is_now: str | None
) -> Difference:
    return Difference(wanted.vmid, wanted.name, found.host, field, should_be, is_now)
