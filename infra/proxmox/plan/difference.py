"""The whole plan of a cluster, from what is wanted and what is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from infra.proxmox.found import Landscape
from infra.proxmox.plan.actions import Action, Change, Kind, MachinePlan, Plan
from infra.proxmox.plan.cloning import has_template, source
from infra.proxmox.plan.machine import machine_plan
from infra.proxmox.plan.offline import refusals
from infra.proxmox.plan.removals import removals, unreachable_removals
from infra.proxmox.plan.space import space_notes
from infra.proxmox.property_strings import size_text
from infra.proxmox.wanted import Wanted, WantedTemplate


def difference(wanted: Wanted, landscape: Landscape) -> Plan:
    """What must be done so that ``landscape`` is as ``wanted``."""
    origin = source(wanted.template, landscape)
    refused = refusals(wanted, landscape)
    machines = [
        machine_plan(machine, landscape, origin) for machine in wanted.machines if machine.name not in refused
    ]
    clones = any(plan.found is None for plan in machines)
    template = [_template(wanted.template)] if clones and not has_template(wanted.template, landscape) else []
    return Plan(
        cluster=wanted.cluster,
        template_vmid=wanted.template.vmid,
        template=tuple(template),
        machines=tuple(plan for plan in machines if plan.actions),
        removals=tuple(removals(wanted, landscape)),
        notes=(*_notes(wanted, landscape), *_forgotten(machines)),
        refused=refused,
    )


def _template(wanted: WantedTemplate) -> Action:
    change = Change("storage", None, wanted.storage)
    return Action(Kind.TEMPLATE, wanted.vmid, wanted.name, wanted.host, (change,))


def _forgotten(machines: Sequence[MachinePlan]) -> Iterator[str]:
    for one in machines:
        if "ipconfig0" in one.restart_fields:
            yield (
                f"node {one.wanted.name}: its gateway or prefix takes effect at its next start, and Proxmox "
                "does not tell later plans that this waits; apply it with --restart."
            )


def _notes(wanted: Wanted, landscape: Landscape) -> Iterator[str]:
    yield from landscape.notes
    yield from unreachable_removals(wanted, landscape)
    yield from space_notes(wanted, landscape)
    ours = {machine.vmid for machine in wanted.machines}
    for host in sorted({machine.host for machine in wanted.machines}):
        own = sum(machine.memory_bytes for machine in wanted.machines if machine.host == host)
        others = [m for m in landscape.machines if m.host == host and m.running and m.vmid not in ours]
        used, has = sum(machine.memory_bytes for machine in others), landscape.hosts[host].memory_bytes
        if landscape.is_offline(host):
            continue
        if own + used > has:
            beside = f" and {len(others)} other running machines {size_text(used)}" if others else ""
            yield (
                f"host {host} has {size_text(has)} of memory; this cluster may take {size_text(own)}{beside}."
            )
