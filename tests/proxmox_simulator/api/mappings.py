"""Devices of hosts under names that the whole cluster knows."""

from typing import Any

from tests.proxmox_simulator.cluster import Call
from tests.proxmox_simulator.routes import route


@route("GET", "/cluster/mapping/pci")
def pci(call: Call) -> list[dict[str, Any]]:
    names = sorted({name for host in call.cluster.hosts.values() for name in host.pci_mappings})
    return [
        {"id": name, "type": "pci", "map": _places(call, name)}
        for name in names
        if call.permissions.has(f"/mapping/pci/{name}", "Mapping.Audit", "Mapping.Use", "Mapping.Modify")
    ]


def _places(call: Call, name: str) -> list[str]:
    return [
        f"id=10de:2204,iommugroup=12,node={host.name},path=0000:01:00"
        for host in call.cluster.hosts.values()
        if name in host.pci_mappings
    ]
