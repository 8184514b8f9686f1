"""Whether the hosts have what ``cluster.yaml`` names, seen as the plan sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from homeostat.doctor import Finding, Level
from infra.definition.document import Definition
from infra.proxmox.api.calls import Reads
from infra.proxmox.api.presence import is_taken
from infra.proxmox.api.version import read_version
from infra.proxmox.errors import NotSuitable
from infra.proxmox.found import Landscape
from infra.proxmox.plan.mistakes import mistakes
from infra.proxmox.plan.places import place_mistakes
from infra.proxmox.template.download import check_storage
from infra.proxmox.template.making import find_template
from infra.proxmox.template.state import State, examine
from infra.proxmox.wanted import Wanted


def hardware(wishes: Wanted, landscape: Landscape) -> Finding:
    """Hosts, their memory, storages and their space, bridges, devices, HA."""
    found = _finding(
        list(place_mistakes(wishes, landscape)),
        "the hosts have the memory, storages, bridges and devices that cluster.yaml names.",
    )
    named = {machine.host for machine in wishes.machines} | {wishes.template.host}
    down = ", ".join(sorted(host for host in named if landscape.is_offline(host)))
    if not down:
        return found
    told = f"offline: {down}; what is on it is out of reach, and nothing can be made there."
    if found.level is Level.OK:
        return Finding(Level.WARNING, told, "Start it, or name another host.")
    return Finding(found.level, f"{found.sentence}\n{told}", found.remedy)


def numbers(api: Reads, wishes: Wanted, landscape: Landscape) -> Finding:
    """Whether numbers and names are ours or free, also where the token can't see who has them."""
    others = set(place_mistakes(wishes, landscape))
    told = [sentence for sentence in mistakes(wishes, landscape) if sentence not in others]
    asked = {machine.vmid: f"node {machine.name}: vmid" for machine in wishes.machines}
    asked[wishes.template.vmid] = "proxmox.template.vmid"
    told += [
        f"{field} is {vmid}, which a machine has that the token may not see; choose another."
        for vmid, field in asked.items()
        if landscape.machine(vmid) is None and is_taken(api, vmid)
    ]
    return _finding(told, "the numbers of the machines and of the template are ours or free.")


def template(api: Reads, definition: Definition, landscape: Landscape) -> Finding:
    """Whether the template is there, or can be made."""
    there = landscape.machine(definition.proxmox.template.vmid)
    host = there.host if there else definition.template_host
    if landscape.is_offline(host):
        return Finding(Level.SKIPPED, f"it can't be told while {host} is offline.")
    state = examine(find_template(api, definition.proxmox.template.vmid), definition)
    if state is State.READY:
        return Finding(Level.OK, "the template is there.")
    if state is State.OTHER_IMAGE:
        return Finding(
            Level.WARNING,
            "the template was made of another image than cluster.yaml names, and is used as it is.",
            "To use the new image, give the template another vmid.",
        )
    if state is State.FOREIGN:
        return Finding(
            Level.FAILED,
            f"proxmox.template.vmid is {definition.proxmox.template.vmid}, which this platform did not make.",
            "Name another number.",
        )
    try:
        check_storage(api, definition, read_version(api))
    except NotSuitable as error:
        return Finding(Level.FAILED, str(error))
    return Finding(Level.OK, "the template is made when machines are, and its image can be downloaded.")


def vlan(api: Reads, definition: Definition, landscape: Landscape) -> Finding:
    """Whether the bridge knows VLANs, where one is set."""
    bridge, tag = definition.proxmox.bridge, definition.proxmox.vlan
    if tag is None:
        return Finding(Level.SKIPPED, "no VLAN is set.")
    online = [host for host in definition.hosts if not landscape.is_offline(host)]
    unaware = [host for host in online if not _knows_vlans(api, host, bridge)]
    if not unaware:
        return Finding(Level.OK, f"the bridge '{bridge}' knows VLANs.")
    return Finding(
        Level.WARNING,
        f"the bridge '{bridge}' on {', '.join(unaware)} is not VLAN aware, and proxmox.vlan is {tag}: "
        "Proxmox makes a bridge of its own for it.",
        f"Host, System, Network, {bridge}: tick 'VLAN aware', then Apply Configuration.",
    )


def _knows_vlans(api: Reads, host: str, bridge: str) -> bool:
    rows: list[dict[str, Any]] = api.get(f"/nodes/{host}/network", type="any_bridge")
    return any(
        row.get("type") == "OVSBridge" or str(row.get("bridge_vlan_aware", 0)) == "1"
        for row in rows
        if row.get("iface") == bridge
    )


def _finding(told: Sequence[str], well: str) -> Finding:
    if told:
        return Finding(Level.FAILED, "\n".join(told), "Correct cluster.yaml or the host.")
    return Finding(Level.OK, well)
