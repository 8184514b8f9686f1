"""Pools: VMs and storages under one name."""

from typing import Any

from tests.proxmox_simulator.api.vm_view import vm_row
from tests.proxmox_simulator.cluster import Call, Pool
from tests.proxmox_simulator.refusal import failure
from tests.proxmox_simulator.routes import route


def _pool(call: Call) -> tuple[str, Pool]:
    name = call.parameters["poolid"]
    if name not in call.cluster.pools:
        raise failure(f"pool '{name}' does not exist")
    return name, call.cluster.pools[name]


@route("GET", "/pools")
def pools(call: Call) -> list[dict[str, Any]]:
    visible = {
        name: pool
        for name, pool in call.cluster.pools.items()
        if call.permissions.has(f"/pool/{name}", "Pool.Audit")
    }
    if call.text("poolid"):
        name, pool = _pool(call)
        call.permissions.check(f"/pool/{name}", "Pool.Audit")
        return [{"poolid": name} | _details(call, pool)]
    return [
        {"poolid": name} | ({"comment": pool.comment} if pool.comment else {})
        for name, pool in visible.items()
    ]


@route("GET", "/pools/{poolid}")
def pool(call: Call) -> dict[str, Any]:
    return _details(call, _pool(call)[1])


def _details(call: Call, pool: Pool) -> dict[str, Any]:
    vms = (call.cluster.vms[vmid] for vmid in sorted(pool.vmids))
    members = [
        vm_row(call.cluster, vm) | {"id": f"qemu/{vm.vmid}", "type": "qemu", "node": vm.host} for vm in vms
    ]
    members += [
        {"id": f"storage/{name}", "type": "storage", "storage": name} for name in sorted(pool.storages)
    ]
    return {"comment": pool.comment, "members": members}


@route("POST", "/pools")
def create(call: Call) -> None:
    name = call.parameters["poolid"]
    with call.cluster.lock:
        if name in call.cluster.pools:
            raise failure(f"create pool failed: pool '{name}' already exists")
        call.cluster.pools[name] = Pool(call.text("comment") or "")


@route("PUT", "/pools")
@route("PUT", "/pools/{poolid}")
def update(call: Call) -> None:
    with call.cluster.lock:
        name, pool = _pool(call)
        pool.comment = call.parameters.get("comment", pool.comment)
        vmids = {int(vmid) for vmid in (call.text("vms") or "").replace(";", ",").split(",") if vmid}
        storages = {name for name in (call.text("storage") or "").replace(";", ",").split(",") if name}
        for vmid in vmids:
            call.permissions.check(f"/vms/{vmid}", "Permissions.Modify")
            _check_member(call, name, pool, vmid)
        if call.flag("delete"):
            pool.vmids -= vmids
            pool.storages -= storages
            return
        for other in call.cluster.pools.values():
            other.vmids -= vmids
        pool.vmids |= vmids
        pool.storages |= storages


def _check_member(call: Call, name: str, pool: Pool, vmid: int) -> None:
    if call.flag("delete"):
        if vmid not in pool.vmids:
            raise failure(f"update pools failed: VM {vmid} is not a pool member")
        return
    if vmid in pool.vmids:
        raise failure(f"update pools failed: VM {vmid} is already a pool member")
    other = next((n for n, p in call.cluster.pools.items() if vmid in p.vmids and n != name), None)
    if other and not call.flag("allow-move"):
        raise failure(
            f"update pools failed: VM {vmid} belongs already to pool '{other}' and 'allow-move' is not set"
        )


@route("DELETE", "/pools")
@route("DELETE", "/pools/{poolid}")
def delete(call: Call) -> None:
    name, pool = _pool(call)
    if pool.vmids or pool.storages:
        raise failure(f"delete pool failed: pool '{name}' is not empty")
    del call.cluster.pools[name]
