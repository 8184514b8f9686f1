"""VMs as they are listed and shown."""

import time
from typing import Any

from tests.proxmox_simulator.cluster import Call, Cluster
from tests.proxmox_simulator.config_values import shown, shown_config
from tests.proxmox_simulator.refusal import failure
from tests.proxmox_simulator.routes import route
from tests.proxmox_simulator.sizes import parse_size
from tests.proxmox_simulator.vms import VirtualMachine, disks, is_cdrom
from tests.proxmox_simulator.words import words

#: what a host's pvestatd tells the others of its VMs; the rest is in /etc/pve, which every host has
BROADCAST = frozenset(
    words(
        """name status template uptime pid cpus maxmem maxdisk mem disk cpu netin netout diskread
        diskwrite"""
    )
)


def vm_row(cluster: Cluster, vm: VirtualMachine) -> dict[str, Any]:
    """A VM in a list."""
    row: dict[str, Any] = {
        "vmid": vm.vmid, "name": vm.name, "status": vm.status,
        "cpus": int(vm.config.get("cores", "1")) * int(vm.config.get("sockets", "1")),
        "maxmem": int(vm.config.get("memory", "512")) * 2**20, "maxdisk": _boot_disk_bytes(vm),
        "mem": 0, "disk": 0, "cpu": 0, "netin": 0, "netout": 0, "diskread": 0, "diskwrite": 0,
        "uptime": int(time.monotonic() - vm.started_at) if vm.is_running else 0,
    }  # fmt: skip
    row |= {key: vm.config[key] for key in ("tags", "lock") if key in vm.config}
    if vm.is_template:
        row["template"] = 1
    if vm.is_running:
        row["pid"] = 10_000 + vm.vmid
    return row


def broadcast(cluster: Cluster) -> dict[int, dict[str, Any]]:
    """What all hosts would broadcast of their VMs now."""
    rows = ((vm.vmid, vm_row(cluster, vm) | {"template": int(vm.is_template)}) for vm in cluster.vms.values())
    return {vmid: {key: value for key, value in row.items() if key in BROADCAST} for vmid, row in rows}


def _boot_disk_bytes(vm: VirtualMachine) -> int:
    for key in disks(vm.config):
        options = vm.config[key].split(",")
        size = next((option[5:] for option in options if option.startswith("size=")), None)
        if size and not is_cdrom(vm.config[key]):
            return parse_size(size)
    return 0


@route("GET", "/nodes/{node}/qemu")
def vms(call: Call) -> list[dict[str, Any]]:
    here = (vm for vm in call.cluster.vms.values() if vm.host == call.host)
    return [vm_row(call.cluster, vm) for vm in here if call.permissions.has(f"/vms/{vm.vmid}", "VM.Audit")]


@route("GET", "/nodes/{node}/qemu/{vmid}")
def index(call: Call) -> list[dict[str, str]]:
    return [
        {"subdir": name}
        for name in ("config", "pending", "clone", "snapshot", "status", "resize", "template")
    ]


@route("GET", "/nodes/{node}/qemu/{vmid}/status/current")
def current(call: Call) -> dict[str, Any]:
    vm = call.vm
    managed = f"vm:{vm.vmid}" in call.cluster.ha.resources
    row = vm_row(call.cluster, vm) | {"qmpstatus": vm.status, "ha": {"managed": int(managed)}}
    if vm.config.get("agent", "").split(",")[0] in ("1", "enabled=1"):
        row["agent"] = 1
    return row


@route("GET", "/nodes/{node}/qemu/{vmid}/config")
def config(call: Call) -> dict[str, Any]:
    vm, snapshot = call.vm, call.text("snapshot")
    if snapshot is None:
        return shown_config(vm, current=call.flag("current"))
    if snapshot not in vm.snapshots:
        raise failure(f"snapshot '{snapshot}' does not exist")
    return {key: shown(key, value) for key, value in vm.snapshots[snapshot].config.items()} | {
        "digest": vm.digest
    }


@route("GET", "/nodes/{node}/qemu/{vmid}/pending")
def pending(call: Call) -> list[dict[str, Any]]:
    vm = call.vm
    rows: list[dict[str, Any]] = []
    for key in sorted(vm.config.keys() | vm.pending.keys()):
        row: dict[str, Any] = {"key": key}
        if key in vm.config:
            row["value"] = shown(key, str(vm.config[key]))
        if key in vm.pending:
            change = vm.pending[key]
            row |= {"delete": 1} if change is None else {"pending": shown(key, change)}
        rows.append(row)
    return [*rows, {"key": "digest", "value": vm.digest}]


@route("GET", "/nodes/{node}/qemu/{vmid}/agent/network-get-interfaces")
def agent_interfaces(call: Call) -> dict[str, Any]:
    return {"result": _agent(call).agent_interfaces}


@route("POST", "/nodes/{node}/qemu/{vmid}/agent/ping")
def agent_ping(call: Call) -> dict[str, Any]:
    _agent(call)
    return {"result": {}}


def _agent(call: Call) -> VirtualMachine:
    vm = call.vm
    if vm.config.get("agent", "").split(",")[0] not in ("1", "enabled=1"):
        raise failure("No QEMU guest agent configured")
    if not vm.is_running:
        raise failure(f"VM {vm.vmid} is not running")
    if vm.agent_interfaces is None:
        raise failure("QEMU guest agent is not running")
    return vm
