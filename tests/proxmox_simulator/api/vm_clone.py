"""Copies of VMs: full ones, and those linked to a template's base volumes."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.proxmox_simulator import config_privileges, drives
from tests.proxmox_simulator.api.vm_create import pool_named
from tests.proxmox_simulator.cluster import Call, Pool
from tests.proxmox_simulator.config_values import identity, with_new_mac
from tests.proxmox_simulator.refusal import Refusal, failure, wrong_parameters
from tests.proxmox_simulator.routes import route
from tests.proxmox_simulator.tasks import Task, TaskFailed
from tests.proxmox_simulator.vms import VirtualMachine, disks, is_cdrom, is_cloudinit, is_drive

_NOT_CLONED = ("lock", "template", "parent", "vmstate", "snaptime", "smbios1", "vmgenid", "protection")


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is asked for, checked."""

    newid: int
    target: str
    storage: str | None
    linked: bool
    form: str | None


@route("POST", "/nodes/{node}/qemu/{vmid}/clone")
def clone(call: Call) -> str:
    source, pool = call.vm, pool_named(call)
    source.check_lock()
    config = _source_config(source, call.text("snapname"))
    wish = _wish(call, source)
    for key, value in config.items():
        if key.startswith("net"):
            config_privileges.check_bridge(call, value)
        elif is_drive(key) and (not is_cdrom(value) or is_cloudinit(value)):
            _check_drive(call, wish, key, value)
    copy = _reserve(call, wish)
    held = call.cluster.file_locks
    lock = held.exclusive(source.vmid) if source.is_running else held.shared(source.vmid)
    return call.start_task(
        "qmclone", _cleaned_up(call, copy, call.under(lock, _work(call, copy, config, wish, pool)))
    )


def _source_config(source: VirtualMachine, snapshot: str | None) -> dict[str, str]:
    if snapshot is None:
        return dict(source.config)
    if snapshot not in source.snapshots:
        raise failure(f"snapshot '{snapshot}' does not exist")
    return dict(source.snapshots[snapshot].config)


def _wish(call: Call, source: VirtualMachine) -> _Wish:
    linked = not call.flag("full", default=not source.is_template)
    for name in ("storage", "format"):
        if linked and call.text(name):
            raise wrong_parameters({name: f"parameter '{name}' not allowed for linked clones"})
    target = call.text("target") or call.host
    if target not in call.cluster.hosts:
        raise failure(f"no such cluster node '{target}'")
    return _Wish(int(call.parameters["newid"]), target, call.text("storage"), linked, call.text("format"))


def _check_drive(call: Call, wish: _Wish, key: str, value: str) -> None:
    name = wish.storage or value.partition(":")[0]
    call.permissions.check(f"/storage/{name}", "Datastore.AllocateSpace")
    storage = call.cluster.storage(call.host, name)
    if "images" not in storage.definition.contents:
        raise wrong_parameters({"storage": f"storage '{name}' does not support vm images"})
    if wish.target != call.host and not storage.definition.shared:
        if wish.storage:
            raise failure(f"can't clone to non-shared storage '{name}'")
        raise failure(f"can't clone VM to node '{wish.target}' (VM uses local storage)")
    if wish.linked and not is_cloudinit(value):
        _, volume = call.cluster.volume(call.host, value.split(",", maxsplit=1)[0])
        if not storage.can_link_clones or volume.name.rsplit("/")[-1].startswith("vm-"):
            raise failure(f"Linked clone feature is not supported for drive '{key}'")


def _reserve(call: Call, wish: _Wish) -> VirtualMachine:
    with call.cluster.lock:
        if wish.newid in call.cluster.vms:
            raise failure(f"unable to create VM {wish.newid}: config file already exists")
        copy = call.cluster.vms[wish.newid] = VirtualMachine(wish.newid, call.host, {"lock": "clone"})
    return copy


def _work(
    call: Call, copy: VirtualMachine, config: dict[str, str], wish: _Wish, pool: Pool | None
) -> Callable[[Task], None]:
    def work(task: Task) -> None:
        new = {
            key: value
            for key, value in config.items()
            if key not in _NOT_CLONED and not key.startswith("unused")
        }
        new |= identity()
        new |= {key: with_new_mac(value) for key, value in new.items() if key.startswith("net")}
        new["name"] = call.text("name") or f"Copy-of-VM-{config.get('name', call.vmid)}"
        if call.text("description"):
            new["description"] = call.parameters["description"].rstrip()
        with call.cluster.lock:
            new |= _copied_drives(call, task, copy, new, wish)
            copy.config.clear()
            copy.config.update(new)
            copy.host = wish.target
            if pool:  # only now, so a token with rights on the pool alone sees it from here on
                pool.vmids.add(copy.vmid)

    return work


def _copied_drives(
    call: Call, task: Task, copy: VirtualMachine, config: dict[str, str], wish: _Wish
) -> dict[str, str]:
    """The copy's drives; where one can't be made, the others are freed again."""
    made: dict[str, str] = {}
    target = drives.Target(copy.vmid, wish.storage, wish.form, linked=wish.linked)
    for key in sorted(disks(config)):
        task.tell(_announcement(key, config[key], linked=wish.linked))
        try:
            made[key] = drives.clone(call.cluster, call.host, config[key], target)
            if not wish.linked and not is_cdrom(config[key]):
                size = made[key].rpartition("size=")[2].partition(",")[0]
                task.tell(f"transferred {size} of {size} (100.00%)")
        except Refusal:
            for value in made.values():
                drives.free(call.cluster, call.host, value)
            raise
    return made


def _announcement(key: str, value: str, *, linked: bool) -> str:
    return f"create {'linked' if linked else 'full'} clone of drive {key} ({value.split(',', maxsplit=1)[0]})"


def _cleaned_up(call: Call, copy: VirtualMachine, work: Callable[[Task], None]) -> Callable[[Task], None]:
    """A clone that fails leaves no VM behind."""

    def cleaned(task: Task) -> None:
        try:
            work(task)
        except (Refusal, TaskFailed) as failed:
            with call.cluster.lock:
                call.cluster.vms.pop(copy.vmid, None)
            raise TaskFailed(f"clone failed: {failed}") from failed

    return cleaned
