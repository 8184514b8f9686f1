"""Nodes that nothing can be done to now, since a host is down; the plan for the others goes on."""

from __future__ import annotations

from collections.abc import Mapping

from infra.proxmox.found import FoundMachine, Landscape
from infra.proxmox.plan.cloning import source
from infra.proxmox.wanted import Wanted, WantedMachine


def refusals(wanted: Wanted, landscape: Landscape) -> Mapping[str, str]:
    """Node -> why, in a sentence."""
    told = {machine.name: _refusal(machine, wanted, landscape) for machine in wanted.machines}
    return {name: sentence for name, sentence in told.items() if sentence}


def _refusal(machine: WantedMachine, wanted: Wanted, landscape: Landscape) -> str | None:
    found = landscape.machine(machine.vmid)
    if found and landscape.is_offline(found.host):
        return (
            f"node {machine.name}: it is on {found.host}, which is offline: nobody can tell how it is, and "
            "nothing is done to it until that host is back."
        )
    if landscape.is_offline(machine.host) and _must_go_there(machine, found):
        return (
            f"node {machine.name}: host is '{machine.host}', which is offline; start that host, or name "
            "another."
        )
    template = source(wanted.template, landscape).host
    if found is None and landscape.is_offline(template):
        return (
            f"node {machine.name}: the template is on {template}, which is offline; start that host, or have "
            "a template made on another (proxmox.template.host, with a vmid of its own)."
        )
    return None


def _must_go_there(machine: WantedMachine, found: FoundMachine | None) -> bool:
    return found is None or (found.host != machine.host and not machine.ha)
