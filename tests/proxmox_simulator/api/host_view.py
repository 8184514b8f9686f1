"""Hosts: their list, their load, their network."""

from typing import Any

from tests.proxmox_simulator.cluster import Call
from tests.proxmox_simulator.routes import route


def host_row(call: Call, name: str) -> dict[str, Any]:
    """A host in a list; of one that is offline only its name and status are known."""
    row: dict[str, Any] = {"node": name, "id": f"node/{name}", "type": "node", "level": ""}
    if name in call.cluster.offline:
        return row | {"status": "offline"}
    host = call.cluster.hosts[name]
    row |= {"status": "online", "ssl_fingerprint": ":".join(["AB"] * 32)}
    if call.permissions.has(f"/nodes/{name}", "Sys.Audit"):
        row |= {
            "maxcpu": host.cores, "cpu": 0.01, "maxmem": host.memory_bytes, "mem": _memory_used(call, name),
            "maxdisk": 100 * 2**30, "disk": 5 * 2**30, "uptime": 86400,
        }  # fmt: skip
    return row


def _memory_used(call: Call, name: str) -> int:
    running = (vm for vm in call.cluster.vms.values() if vm.host == name and vm.is_running)
    return 2 * 2**30 + sum(int(vm.config.get("memory", "512")) * 2**20 for vm in running)


@route("GET", "/nodes")
def hosts(call: Call) -> list[dict[str, Any]]:
    return [host_row(call, name) for name in call.cluster.hosts]


@route("GET", "/nodes/{node}/status")
def status(call: Call) -> dict[str, Any]:
    host, used = call.cluster.hosts[call.host], _memory_used(call, call.host)
    return {
        "cpuinfo": {"cpus": host.cores, "cores": host.cores, "sockets": 1, "model": "Simulated", "hvm": "1"},
        "cpu": 0.01,
        "loadavg": ["0.05", "0.04", "0.01"],
        "memory": {"total": host.memory_bytes, "used": used, "free": host.memory_bytes - used},
        "rootfs": {"total": 100 * 2**30, "used": 5 * 2**30, "free": 95 * 2**30, "avail": 95 * 2**30},
        "swap": {"total": 0, "used": 0, "free": 0},
        "pveversion": f"pve-manager/{call.cluster.version}/2a5fa54a8503f96d",
        "kversion": "Linux 6.8.12-9-pve #1 SMP PREEMPT_DYNAMIC",
        "uptime": 86400,
    }


@route("GET", "/nodes/{node}/network")
def network(call: Call) -> list[dict[str, Any]]:
    host, kind = call.cluster.hosts[call.host], call.text("type")
    if kind not in (None, "bridge", "any_bridge", "any_local_bridge"):
        return []
    aware = {"bridge_vlan_aware": 1} if host.vlan_aware else {}
    return [
        {"iface": name, "type": "bridge", "active": 1, "autostart": 1, **aware}
        for name in host.bridges
        if kind is None or _may_use(call, name)
    ]


def _may_use(call: Call, bridge: str) -> bool:
    """Whether the caller has rights on the bridge, or on one of its VLANs."""
    place = f"/sdn/zones/localnetwork/{bridge}"
    vlans = [path for path in call.caller.acl or () if path.startswith(f"{place}/")]
    return any(call.permissions.has(path, "SDN.Use", "SDN.Audit") for path in (place, *vlans))
