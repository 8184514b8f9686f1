"""Changing a VM's configuration: at once, or pending where it runs and can't take the change up."""

import re
from collections.abc import Callable

from tests.proxmox_simulator import config_privileges, drives
from tests.proxmox_simulator.cluster import Call
from tests.proxmox_simulator.config_values import normalised
from tests.proxmox_simulator.refusal import failure, wrong_parameters
from tests.proxmox_simulator.routes import route
from tests.proxmox_simulator.vms import VirtualMachine, is_cdrom, is_cloudinit_option, is_drive
from tests.proxmox_simulator.words import words

_NOT_CONFIG = frozenset(
    words("node vmid digest delete revert skiplock force background_delay import-working-storage")
)
#: taken up by a running VM (vmconfig_hotplug_pending, from memory)
_AT_ONCE = frozenset(
    words(
        """name description tags onboot startup protection shares hookscript vmstatestorage lock autostart
        cpuunits cpulimit balloon"""
    )
)


@route("PUT", "/nodes/{node}/qemu/{vmid}/config")
def update(call: Call) -> None:
    change = _checked(call)
    with call.cluster.file_locks.exclusive(call.vmid):
        change()


@route("POST", "/nodes/{node}/qemu/{vmid}/config")
def update_as_task(call: Call) -> str:
    change = _checked(call)
    return call.start_locked_task("qmconfig", lambda _: change())


def _checked(call: Call) -> Callable[[], None]:
    """The change, after everything that is refused before a task starts."""
    call.check_skiplock()
    vm = call.vm
    values = {key: value for key, value in call.parameters.items() if key not in _NOT_CONFIG}
    deleted, reverted = _listed(call, "delete"), _listed(call, "revert")
    if not values and not deleted and not reverted:
        raise failure("no options specified")
    both = values.keys() & set(deleted)
    if both:
        raise wrong_parameters(
            {"delete": f"you can't use '-{min(both)}' and '-delete {min(both)}' at the same time"}
        )
    config_privileges.check(call, call.vmid, values)
    config_privileges.check(call, call.vmid, {key: str(vm.config.get(key, "")) for key in deleted})
    for key, value in values.items():
        if is_drive(key):
            drives.check_access(call, key, value)
        else:
            values[key] = normalised(key, value)
    _check_state(call, vm)

    def change() -> None:
        with call.cluster.lock:
            _check_state(call, vm)
            _change(call, vm, values, deleted, reverted)

    return change


def _listed(call: Call, name: str) -> list[str]:
    return [key for key in re.split(r"[,; ]+", call.text(name) or "") if key]


def _check_state(call: Call, vm: VirtualMachine) -> None:
    vm.check_digest(call.text("digest"))
    if not call.flag("skiplock"):
        vm.check_lock()


def _change(
    call: Call, vm: VirtualMachine, values: dict[str, str], deleted: list[str], reverted: list[str]
) -> None:
    for key in reverted:
        vm.pending.pop(key, None)
    for key in deleted:
        if vm.is_running and not _is_hotpluggable(vm, key, vm.config.get(key, "")):
            vm.pending[key] = None
        else:
            _delete(call, vm, key)
    for key, value in values.items():
        if is_drive(key):
            _take_up(vm, key, drives.make(call.cluster, call.host, vm.vmid, key, value))
        else:
            _take_up(vm, key, value)


def _take_up(vm: VirtualMachine, key: str, value: str) -> None:
    if not vm.is_running or _is_hotpluggable(vm, key, value):
        _set(vm, key, value)
    elif vm.config.get(key) != value:
        vm.pending[key] = value
    else:
        vm.pending.pop(key, None)


def _set(vm: VirtualMachine, key: str, value: str) -> None:
    old = vm.config.get(key)
    if old and is_drive(key) and old.split(",")[0] != value.split(",", maxsplit=1)[0]:
        _leave_unused(vm, old)
    volume = value.split(",", maxsplit=1)[0]
    for other in [k for k, v in vm.config.items() if k.startswith("unused") and v == volume]:
        del vm.config[other]  # attached again
    vm.config[key] = value
    vm.pending.pop(key, None)


def _delete(call: Call, vm: VirtualMachine, key: str) -> None:
    """A disk taken off stays as `unused`; deleting that, or a cloud-init drive, deletes the volume."""
    value = vm.config.pop(key, None)
    vm.pending.pop(key, None)
    if value is None:
        return
    if (
        key.startswith("unused")
        or (is_drive(key) and is_cdrom(value))
        or (is_drive(key) and call.flag("force"))
    ):
        drives.free(call.cluster, vm.host, value)
    elif is_drive(key):
        _leave_unused(vm, value)


def _leave_unused(vm: VirtualMachine, value: str) -> None:
    if not is_cdrom(value):
        number = next(n for n in range(256) if f"unused{n}" not in vm.config)
        vm.config[f"unused{number}"] = value.split(",", maxsplit=1)[0]


def _is_hotpluggable(vm: VirtualMachine, key: str, value: str) -> bool:
    """Whether a running VM takes the change up."""
    features = vm.config.get("hotplug", "network,disk,usb")
    features = "network,disk,usb" if features == "1" else features
    allowed = set(features.split(","))
    # what cloud-init reads is stored at once, and the drive is written when the VM starts
    if key in _AT_ONCE or key.startswith("unused") or is_cloudinit_option(key):
        return True
    if key.startswith("net"):
        return "network" in allowed
    if is_drive(key):
        old = vm.config.get(key)
        changes_volume = old is None or old.split(",")[0] != value.split(",", maxsplit=1)[0]
        return (
            "disk" in allowed and key.startswith(("scsi", "virtio")) and (old is None or not changes_volume)
        )
    if key == "memory":
        return "memory" in allowed and vm.config.get("numa") == "1"
    return key == "vcpus" and "cpu" in allowed
