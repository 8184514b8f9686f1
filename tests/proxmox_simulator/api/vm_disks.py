"""Disks of existing VMs: growing them, and moving them to another storage."""

from tests.proxmox_simulator import drives
from tests.proxmox_simulator.cluster import Call
from tests.proxmox_simulator.refusal import failure
from tests.proxmox_simulator.routes import route
from tests.proxmox_simulator.tasks import Task
from tests.proxmox_simulator.vms import VirtualMachine, is_cdrom


def _disk(call: Call, vm: VirtualMachine) -> str:
    disk = call.parameters["disk"]
    if disk not in vm.config:
        raise failure(f"disk '{disk}' does not exist")
    if is_cdrom(vm.config[disk]):
        raise failure("you can't resize a cdrom")
    return disk


@route("PUT", "/nodes/{node}/qemu/{vmid}/resize")
def resize(call: Call) -> str:
    """A task since 8; what can be seen beforehand is refused at once."""
    call.check_skiplock()
    vm, size = call.vm, call.parameters["size"]

    def check() -> str:
        vm.check_digest(call.text("digest"))
        if not call.flag("skiplock"):
            vm.check_lock()
        disk = _disk(call, vm)
        if vm.snapshots and ".qcow2" in vm.config[disk]:
            raise failure("can't resize drive with snapshots")
        drives.resized(call.cluster, vm.host, vm.config[disk], size, change=False)
        return disk

    check()

    def work(task: Task) -> None:
        with call.cluster.lock:
            disk = check()
            vm.config[disk] = drives.resized(call.cluster, vm.host, vm.config[disk], size, change=True)

    return call.start_locked_task("resize", work)


@route("POST", "/nodes/{node}/qemu/{vmid}/move_disk")
def move(call: Call) -> str:
    vm, target = call.vm, call.text("storage")
    if target is None:
        raise failure("both 'storage' and 'target-vmid' missing, either needs to be set")
    call.permissions.check(f"/storage/{target}", "Datastore.AllocateSpace")
    vm.check_digest(call.text("digest"))
    vm.check_lock()
    disk = _disk(call, vm)
    if vm.config[disk].startswith(f"{target}:"):
        raise failure("you can't move to the same storage with same format")

    def work(task: Task) -> None:
        with call.cluster.lock:
            old = vm.config[disk]
            vm.config[disk] = drives.clone(
                call.cluster, vm.host, old, drives.Target(vm.vmid, target, call.text("format"), linked=False)
            )
            if call.flag("delete"):
                drives.free(call.cluster, vm.host, old)
            else:
                number = next(n for n in range(256) if f"unused{n}" not in vm.config)
                vm.config[f"unused{number}"] = old.split(",")[0]

    return call.start_locked_task("qmmove", work)
