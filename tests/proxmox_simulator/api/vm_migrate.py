"""Moving VMs between hosts, with the disks that lie on storages of one host only."""

from tests.proxmox_simulator.api.vm_power import ha_task
from tests.proxmox_simulator.cluster import Call, Cluster
from tests.proxmox_simulator.refusal import failure, wrong_parameters
from tests.proxmox_simulator.routes import route
from tests.proxmox_simulator.tasks import Task
from tests.proxmox_simulator.vms import VirtualMachine, disks


@route("POST", "/nodes/{node}/qemu/{vmid}/migrate")
def migrate(call: Call) -> str:
    vm, target = call.vm, call.parameters["target"]
    if target == call.host:
        raise wrong_parameters({"target": "target is local node."})
    if target not in call.cluster.hosts:
        raise failure(f"no such cluster node '{target}'")
    vm.check_lock()
    if vm.is_running and not call.flag("online"):
        raise wrong_parameters({"online": "VM is running - missing 'online' option"})
    if call.text("targetstorage"):
        raise failure("moving disks to a storage of another name is not simulated")

    def work(task: Task) -> None:
        _check_devices(vm)
        with call.cluster.lock:
            vm.check_lock()
            vm.config["lock"] = "migrate"
        try:
            call.cluster.tasks.before_effect(task)
            with call.cluster.lock:
                _move(call.cluster, vm, target, allowed=not vm.is_running or call.flag("with-local-disks"))
        finally:
            vm.config.pop("lock", None)

    if f"vm:{vm.vmid}" in call.cluster.ha.resources:
        return ha_task(call, "migrate", "qmigrate", work)
    return call.start_task("qmigrate", work)


def _check_devices(vm: VirtualMachine) -> None:
    """A device of the host ties the VM to it; mappings move along only while the VM is stopped."""
    for key, value in vm.config.items():
        if key.startswith("hostpci") and (vm.is_running or not value.startswith("mapping=")):
            raise failure(f"can't migrate VM which uses local devices: {key}")


def _move(cluster: Cluster, vm: VirtualMachine, target: str, *, allowed: bool) -> None:
    local = [
        value.split(",")[0]
        for key, value in vm.config.items()
        if (key in disks(vm.config) or key.startswith("unused")) and ":" in value.split(",")[0]
    ]
    local = [
        volid for volid in local if not cluster.storage(vm.host, volid.partition(":")[0]).definition.shared
    ]
    if local and not allowed:
        raise failure(f"can't migrate local disk '{local[0]}': can't live migrate attached local disks without with-local-disks option")  # fmt: skip  # noqa: E501
    for volid in local:
        _check_snapshots(cluster, vm, volid)
        # raises where the target doesn't have the storage
        cluster.storage(target, volid.partition(":")[0])
    for volid in local:
        here, volume = cluster.volume(vm.host, volid)
        if here.linked_to(volume.name):
            raise failure(f"can't migrate local disk '{volid}': base volume is used by linked clones")
        cluster.storage(target, volid.partition(":")[0]).take(volume)
        del here.volumes[volume.name]
    vm.host = target


def _check_snapshots(cluster: Cluster, vm: VirtualMachine, volid: str) -> None:
    """A volume that a snapshot holds moves only where its type carries snapshots along, and never online."""
    if not any(volid in disks(snapshot.config).values() for snapshot in vm.snapshots.values()):
        return
    if vm.is_running:
        reason = "online storage migration not possible if non-replicated snapshot exists"
        raise failure(f"can't migrate local disk '{volid}': {reason}")
    storage, volume = cluster.volume(vm.host, volid)
    kind = storage.definition.kind
    if not (kind == "zfspool" or (kind == "btrfs" and volume.format == "raw") or volume.format == "qcow2"):
        raise failure(f"can't migrate local disk '{volid}': non-migratable snapshot exists")
