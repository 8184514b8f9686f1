"""Making and deleting VMs."""

import time
from collections.abc import Callable

from tests.proxmox_simulator import config_privileges, drives
from tests.proxmox_simulator.api.high_availability import forget
from tests.proxmox_simulator.api.vm_power import start_vm
from tests.proxmox_simulator.cluster import Call, Pool
from tests.proxmox_simulator.config_values import identity, normalised
from tests.proxmox_simulator.refusal import Refusal, failure, not_permitted
from tests.proxmox_simulator.routes import route
from tests.proxmox_simulator.tasks import Task, TaskFailed
from tests.proxmox_simulator.vms import VirtualMachine, disks, is_cdrom, is_drive
from tests.proxmox_simulator.words import words

_NOT_CONFIG = frozenset(
    words(
        """node vmid archive bwlimit force ha-managed import-working-storage live-restore pool start
        storage unique"""
    )
)


def pool_named(call: Call) -> Pool | None:
    """The pool that the request names; raises for one that doesn't exist."""
    name = call.text("pool")
    if name is None:
        return None
    if name not in call.cluster.pools:
        raise failure(f"no such pool '{name}'")
    return call.cluster.pools[name]


@route("POST", "/nodes/{node}/qemu")
def create(call: Call) -> str:
    pool, vmid = pool_named(call), call.vmid
    if not call.permissions.has(f"/vms/{vmid}", "VM.Allocate") and not (
        pool and call.permissions.has(f"/pool/{call.text('pool')}", "VM.Allocate")
    ):
        raise not_permitted(f"/vms/{vmid}, VM.Allocate")
    if call.text("archive"):
        raise Refusal(501, "restoring archives is not simulated")
    values = {key: value for key, value in call.parameters.items() if key not in _NOT_CONFIG}
    config_privileges.check(call, vmid, values, pool=call.text("pool"), creating=True)
    for key, value in values.items():
        if is_drive(key):
            drives.check_access(call, key, value)
        else:
            values[key] = normalised(key, value)
    vm = _reserve(call)
    work = call.under(call.cluster.file_locks.exclusive(vmid), _creation(call, vm, values, pool))
    return call.start_task("qmcreate", _removed_on_failure(call, vm, work))


def _removed_on_failure(
    call: Call, vm: VirtualMachine, work: Callable[[Task], None]
) -> Callable[[Task], None]:
    """A creation that fails leaves no VM behind."""

    def removed(task: Task) -> None:
        try:
            work(task)
        except (Refusal, TaskFailed) as failed:
            with call.cluster.lock:
                call.cluster.vms.pop(vm.vmid, None)
                _forget(call, vm.vmid)
            raise TaskFailed(f"unable to create VM {vm.vmid} - {failed}") from failed

    return removed


def _reserve(call: Call) -> VirtualMachine:
    with call.cluster.lock:
        try:
            call.cluster.check_vmid_unused(call.vmid)
        except Refusal as taken:
            raise failure(f"unable to create VM {call.vmid} - {taken.message}") from taken
        vm = call.cluster.vms[call.vmid] = VirtualMachine(call.vmid, call.host, {"lock": "create"})
    return vm


def _creation(
    call: Call, vm: VirtualMachine, values: dict[str, str], pool: Pool | None
) -> Callable[[Task], None]:
    def work(task: Task) -> None:
        with call.cluster.lock:
            config = _config(call, task, vm, values)
            vm.config.clear()
            vm.config.update(config)
            if pool:
                pool.vmids.add(vm.vmid)
        if call.flag("start"):
            try:
                start_vm(call.cluster, vm)
            except Refusal as refusal:  # the VM stays, and the task is fine
                task.tell(f"WARN: {refusal.message}")

    return work


def _config(call: Call, task: Task, vm: VirtualMachine, values: dict[str, str]) -> dict[str, str]:
    made: list[str] = []
    config = identity() | {"meta": f"creation-qemu=9.2.0,ctime={int(time.time())}"}
    try:
        for key, value in values.items():
            if is_drive(key):
                config[key] = drives.make(call.cluster, call.host, vm.vmid, key, value)
                made.append(config[key])
                task.tell(f"{key}: successfully created disk '{config[key]}'")
            else:
                config[key] = value
    except Refusal:
        for value in made:
            drives.free(call.cluster, call.host, value)
        raise
    config.setdefault("boot", _boot_order(config))
    return config


def _boot_order(config: dict[str, str]) -> str:
    """First disk, first CD-ROM, first network device: what Proxmox chooses where nothing was said."""
    bootable = [key for key in sorted(disks(config)) if not key.startswith(("efidisk", "tpmstate"))]
    firsts = (
        next((key for key in bootable if not is_cdrom(config[key])), None),
        next((key for key in bootable if is_cdrom(config[key])), None),
        next((key for key in sorted(config) if key.startswith("net")), None),
    )
    return "order=" + ";".join(first for first in firsts if first)


@route("DELETE", "/nodes/{node}/qemu/{vmid}")
def delete(call: Call) -> str:
    call.check_skiplock()
    vm = call.vm
    if vm.config.get("protection") == "1":
        raise failure(f"can't remove VM {vm.vmid} - protection mode enabled")
    if f"vm:{vm.vmid}" in call.cluster.ha.resources and not call.flag("purge"):
        raise failure(f"unable to remove VM {vm.vmid} - used in HA resources and purge parameter not set.")
    if not call.flag("skiplock"):
        vm.check_lock()
    _check_stopped(vm)

    def work(task: Task) -> None:
        _check_stopped(vm)
        _check_bases_unused(call, vm)
        if call.cluster.machines:
            call.cluster.machines.destroy(vm.vmid)
        with call.cluster.lock:
            for value in _volumes(vm):
                drives.free(call.cluster, vm.host, value)
            del call.cluster.vms[vm.vmid]
            _forget(call, vm.vmid)

    return call.start_locked_task("qmdestroy", work)


def _check_stopped(vm: VirtualMachine) -> None:
    if vm.is_running:
        raise failure(f"VM {vm.vmid} is running - destroy failed")


def _volumes(vm: VirtualMachine) -> list[str]:
    attached = [vm.config[key] for key in disks(vm.config)]
    return attached + [value for key, value in vm.config.items() if key.startswith("unused")]


def _check_bases_unused(call: Call, vm: VirtualMachine) -> None:
    for value in _volumes(vm):
        volid = value.split(",")[0]
        storage_name, _, name = volid.partition(":")
        if name and call.cluster.storage(vm.host, storage_name).linked_to(name):
            raise failure(f"base volume '{volid}' is still in use by linked cloned")


def _forget(call: Call, vmid: int) -> None:
    """The VM leaves its pool, and with purge also HA."""
    for pool in call.cluster.pools.values():
        pool.vmids.discard(vmid)
    if call.flag("purge"):
        forget(call.cluster, f"vm:{vmid}")
