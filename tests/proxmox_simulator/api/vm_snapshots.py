"""Snapshots of VMs."""

from typing import Any

from tests.proxmox_simulator.cluster import Call
from tests.proxmox_simulator.refusal import Refusal, failure
from tests.proxmox_simulator.routes import route
from tests.proxmox_simulator.tasks import Task, TaskFailed
from tests.proxmox_simulator.vms import Snapshot, VirtualMachine, disks, is_cdrom


@route("GET", "/nodes/{node}/qemu/{vmid}/snapshot")
def snapshots(call: Call) -> list[dict[str, Any]]:
    vm = call.vm
    rows = [_row(snapshot) for snapshot in vm.snapshots.values()]
    now: dict[str, Any] = {"name": "current", "description": "You are here!", "digest": vm.digest, "running": int(vm.is_running)}  # fmt: skip  # noqa: E501
    if "parent" in vm.config:
        now["parent"] = vm.config["parent"]
    return [*rows, now]


def _row(snapshot: Snapshot) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": snapshot.name, "description": snapshot.description, "snaptime": snapshot.taken_at,
        "vmstate": int(snapshot.with_memory),
    }  # fmt: skip
    return row | ({"parent": snapshot.parent} if snapshot.parent else {})


@route("POST", "/nodes/{node}/qemu/{vmid}/snapshot")
def take(call: Call) -> str:
    vm, name = call.vm, call.parameters["snapname"]
    if name == "current":
        raise failure("unable to use snapshot name 'current' (reserved name)")
    if vm.is_template:
        raise failure("you can't take a snapshot if it's a template")

    def work(task: Task) -> None:
        _check_can_snapshot(call, vm, name)
        kept = {key: value for key, value in vm.config.items() if key not in ("lock", "parent")}
        _with_lock(call, vm, "snapshot", task)
        with call.cluster.lock:
            vm.snapshots[name] = Snapshot(
                name,
                kept,
                call.text("description") or "",
                vm.config.get("parent"),
                with_memory=call.flag("vmstate"),
            )
            vm.config["parent"] = name
            vm.config.pop("lock", None)

    # the configuration is marked as locked and the lock file left free meanwhile, as the real one does
    return call.start_task("qmsnapshot", work)


def _check_can_snapshot(call: Call, vm: VirtualMachine, name: str) -> None:
    if name in vm.snapshots:
        raise failure(f"snapshot name '{name}' already used")
    for key in disks(vm.config):
        value = vm.config[key]
        if is_cdrom(value):
            continue
        storage, volume = call.cluster.volume(vm.host, value.split(",")[0])
        raw_file = storage.definition.is_file_based and volume.format != "qcow2"
        if raw_file or storage.definition.kind == "lvm":
            raise failure("snapshot feature is not available")


def _snapshot(call: Call, vm: VirtualMachine) -> Snapshot:
    name = call.parameters["snapname"]
    if name not in vm.snapshots:
        raise failure(f"snapshot '{name}' does not exist")
    return vm.snapshots[name]


@route("DELETE", "/nodes/{node}/qemu/{vmid}/snapshot/{snapname}")
def delete(call: Call) -> str:
    vm = call.vm
    snapshot = _snapshot(call, vm)
    vm.check_lock()

    def work(task: Task) -> None:
        _with_lock(call, vm, "snapshot-delete", task)
        with call.cluster.lock:
            del vm.snapshots[snapshot.name]
            for child in vm.snapshots.values():
                child.parent = snapshot.parent if child.parent == snapshot.name else child.parent
            if vm.config.get("parent") == snapshot.name:
                vm.config.pop("parent")
                if snapshot.parent:
                    vm.config["parent"] = snapshot.parent
            vm.config.pop("lock", None)

    return call.start_task("qmdelsnapshot", work)


@route("POST", "/nodes/{node}/qemu/{vmid}/snapshot/{snapname}/rollback")
def rollback(call: Call) -> str:
    vm = call.vm
    snapshot = _snapshot(call, vm)
    vm.check_lock()

    def work(task: Task) -> None:
        if vm.is_running and call.cluster.machines:
            call.cluster.machines.stop(vm.vmid)
        _with_lock(call, vm, "rollback", task)
        with call.cluster.lock:
            vm.config.clear()
            vm.config.update(snapshot.config | {"parent": snapshot.name})
            vm.pending.clear()
            vm.status = "running" if snapshot.with_memory or call.flag("start") else "stopped"

    return call.start_task("qmrollback", work)


def _with_lock(call: Call, vm: VirtualMachine, kind: str, task: Task) -> None:
    """Mark the VM as locked while the task does its slow part; a failure leaves it unlocked."""
    with call.cluster.lock:
        vm.check_lock()
        vm.config["lock"] = kind
    try:
        call.cluster.tasks.before_effect(task)
    except (Refusal, TaskFailed):
        vm.config.pop("lock", None)
        raise


@route("GET", "/nodes/{node}/qemu/{vmid}/snapshot/{snapname}/config")
def config(call: Call) -> dict[str, Any]:
    snapshot = _snapshot(call, call.vm)
    return snapshot.config | {"snaptime": snapshot.taken_at, "description": snapshot.description}


@route("PUT", "/nodes/{node}/qemu/{vmid}/snapshot/{snapname}/config")
def describe(call: Call) -> None:
    _snapshot(call, call.vm).description = call.text("description") or ""
