"""What is known of the cluster as a whole: the next free number, resources, hosts, tasks."""

from typing import Any

from tests.proxmox_simulator.api.host_view import host_row
from tests.proxmox_simulator.api.task_view import task_row
from tests.proxmox_simulator.api.vm_view import BROADCAST, vm_row
from tests.proxmox_simulator.cluster import Call
from tests.proxmox_simulator.refusal import wrong_parameters
from tests.proxmox_simulator.routes import route


@route("GET", "/cluster/nextid")
def next_id(call: Call) -> str:
    asked = call.text("vmid")
    if asked is None:
        return str(next(n for n in range(100, 10**9) if n not in call.cluster.vms))
    if int(asked) in call.cluster.vms:
        raise wrong_parameters({"vmid": f"VM {asked} already exists"})
    return asked


@route("GET", "/cluster/status")
def status(call: Call) -> list[dict[str, Any]]:
    names = list(call.cluster.hosts)
    online = [name for name in names if name not in call.cluster.offline]
    rows: list[dict[str, Any]] = []
    if len(names) > 1:
        quorate = int(len(online) * 2 > len(names))
        rows.append({"id": "cluster", "name": "cluster", "type": "cluster", "nodes": len(names), "quorate": quorate, "version": len(names)})  # fmt: skip  # noqa: E501
    for number, name in enumerate(names, 1):
        rows.append(
            {
                "id": f"node/{name}", "name": name, "type": "node", "nodeid": number,
                "ip": f"192.0.2.{number}",
                "online": int(name in online), "local": int(name == call.served_by), "level": "",
            }
        )  # fmt: skip
    return rows


@route("GET", "/cluster/resources")
def resources(call: Call) -> list[dict[str, Any]]:
    kind = call.text("type")
    rows: list[dict[str, Any]] = []
    if kind in (None, "vm"):
        visible = (
            vm for vm in call.cluster.vms.values() if call.permissions.has(f"/vms/{vm.vmid}", "VM.Audit")
        )
        rows += [_vm(call, vm.vmid) for vm in visible]
    if kind in (None, "node"):
        rows += [host_row(call, name) | {"id": f"node/{name}", "type": "node"} for name in call.cluster.hosts]
    if kind in (None, "storage"):
        rows += [row for name in call.cluster.hosts for row in _storages(call, name)]
    return rows


def _vm(call: Call, vmid: int) -> dict[str, Any]:
    vm = call.cluster.vms[vmid]
    row = vm_row(call.cluster, vm) | {"id": f"qemu/{vmid}", "type": "qemu", "node": vm.host}
    row["template"] = int(vm.is_template)
    if call.cluster.broadcast is not None:
        known = {key: value for key, value in row.items() if key not in BROADCAST}
        row = known | call.cluster.broadcast.get(vmid, {"status": "unknown"})
    pool = next((name for name, pool in call.cluster.pools.items() if vmid in pool.vmids), None)
    if pool:
        row["pool"] = pool
    if f"vm:{vmid}" in call.cluster.ha.resources:
        row["hastate"] = call.cluster.ha.resources[f"vm:{vmid}"]["state"]
    if vm.host in call.cluster.offline:
        return {key: value for key, value in row.items() if key not in BROADCAST} | {"status": "unknown"}
    return row


def _storages(call: Call, host: str) -> list[dict[str, Any]]:
    offline = host in call.cluster.offline
    return [
        {
            "id": f"storage/{host}/{name}", "type": "storage", "storage": name, "node": host,
            "plugintype": storage.definition.kind, "content": ",".join(sorted(storage.definition.contents)),
            "shared": int(storage.definition.shared), "status": "unknown" if offline else "available",
            **({} if offline else {"maxdisk": storage.definition.size_bytes, "disk": storage.used_bytes}),
        }
        for name, storage in call.cluster.storages_of(host).items()
        if call.permissions.has(f"/storage/{name}", "Datastore.Audit", "Datastore.AllocateSpace")
    ]  # fmt: skip


@route("GET", "/cluster/tasks")
def tasks(call: Call) -> list[dict[str, Any]]:
    mine = (
        task
        for task in reversed(list(call.cluster.tasks.all.values()))
        if task.user == call.caller.name or call.permissions.has(f"/nodes/{task.host}", "Sys.Audit")
    )
    return [task_row(task) for task in mine][:25]
