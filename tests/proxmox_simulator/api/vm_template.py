"""A VM becomes a template: its disks become base volumes, which linked clones can stand on."""

from tests.proxmox_simulator.cluster import Call
from tests.proxmox_simulator.refusal import failure
from tests.proxmox_simulator.routes import route
from tests.proxmox_simulator.tasks import Task
from tests.proxmox_simulator.vms import VirtualMachine, disks, is_cdrom


@route("POST", "/nodes/{node}/qemu/{vmid}/template")
def make_template(call: Call) -> str:
    vm = call.vm
    vm.check_lock()
    if vm.snapshots:
        raise failure("unable to create template, because VM contains snapshots")
    if vm.is_template and not call.text("disk"):
        raise failure("you can't convert a template to a template")
    if vm.is_running:
        raise failure("you can't convert a running VM to template")

    def work(task: Task) -> None:
        with call.cluster.lock:
            for key in disks(vm.config):
                if not is_cdrom(vm.config[key]):
                    vm.config[key] = _based(call, vm, vm.config[key])
            vm.config["template"] = "1"

    return call.start_locked_task("qmtemplate", work)


def _based(call: Call, vm: VirtualMachine, value: str) -> str:
    """The drive with its volume renamed from `vm-` to `base-`."""
    volid, comma, options = value.partition(",")
    storage, volume = call.cluster.volume(vm.host, volid)
    del storage.volumes[volume.name]
    volume.name = volume.name.replace(f"vm-{vm.vmid}-", f"base-{vm.vmid}-")
    storage.volumes[volume.name] = volume
    return f"{volid.partition(':')[0]}:{volume.name}{comma}{options}"
