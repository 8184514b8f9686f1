"""A VM's drives: asked for as `storage:32` or with import-from, made as volumes, grown, cloned, freed."""

import re
from dataclasses import dataclass, replace

from tests.proxmox_simulator.cluster import Call, Cluster
from tests.proxmox_simulator.config_values import keys_of
from tests.proxmox_simulator.property_strings import parse, print_values
from tests.proxmox_simulator.refusal import failure, wrong_parameters
from tests.proxmox_simulator.sizes import format_size, parse_size, virtual_size
from tests.proxmox_simulator.storages import Volume
from tests.proxmox_simulator.vms import is_cdrom, is_cloudinit

_GIB = 2**30
#: disks whose size is fixed, whatever is asked for
_FIXED_SIZES = {"efidisk0": 4 * 2**20, "tpmstate0": 4 * 2**20}
_CLOUDINIT_BYTES = 4 * 2**20


def asked_size(volume: str) -> tuple[str, float] | None:
    """Storage and GiB of a new disk (`local-lvm:32`); None for a volume that exists."""
    match = re.fullmatch(r"([^/:\s]+):(\d+(?:\.\d+)?)", volume)
    return (match[1], float(match[2])) if match else None


def check_access(call: Call, key: str, value: str) -> None:
    """What must hold before a drive is made: space may be taken, the storage is fit, the source exists."""
    values = parse(value, keys_of(key))
    volume = values.get("file", "")
    if volume in ("none", "cdrom"):
        return
    new = asked_size(volume)
    if new is None and not volume.endswith(":cloudinit"):
        _check_volume(call, volume)
        return
    storage_name = volume.partition(":")[0]
    call.permissions.check(f"/storage/{storage_name}", "Datastore.AllocateSpace")
    storage = call.cluster.storage(call.host, storage_name)
    if "images" not in storage.definition.contents:
        raise wrong_parameters({"storage": f"storage '{storage_name}' does not support vm images"})
    source = values.get("import-from")
    if source and (new is None or new[1] != 0):
        hint = "use <storage ID>:0,import-from=<source>"
        raise wrong_parameters({key: f"'import-from' requires special syntax - {hint}"})
    if source and source.startswith("/"):
        raise failure("Only root can pass arbitrary filesystem paths.")
    if source:
        kind = _check_volume(call, source)
        if kind not in ("images", "import"):
            raise wrong_parameters(
                {key: f"{source} has wrong type '{kind}' - needs to be 'images' or 'import'"}
            )


def _check_volume(call: Call, volid: str) -> str:
    """Raises unless the caller may read the volume (check_volume_access); its kind of content."""
    _, volume = call.cluster.volume(call.host, volid)
    place = f"/storage/{volid.partition(':')[0]}"
    if volume.vmid is None:
        call.permissions.check_any(place, "Datastore.AllocateSpace", "Datastore.Audit")
    elif volume.vmid != call.vmid:
        call.permissions.check(place, "Datastore.Audit")
        call.permissions.check(f"/vms/{volume.vmid}", "VM.Config.Disk")
    return volume.content


def make(cluster: Cluster, host: str, vmid: int, key: str, value: str) -> str:
    """Make what a drive asks for; its value for the configuration file."""
    values = parse(value, keys_of(key))
    file = values.pop("file")
    form, source = values.pop("format", None), values.pop("import-from", None)
    new = asked_size(file)
    if file.endswith(":cloudinit"):
        return _make_cloudinit(cluster, host, vmid, file.partition(":")[0], form, values)
    if new is None:
        if ":" in file and not is_cdrom(value):
            values["size"] = format_size(cluster.volume(host, file)[1].size_bytes)
        return print_values(file, values)
    storage = cluster.storage(host, new[0])
    form = storage.default_format(form)
    size, used = _FIXED_SIZES.get(key, int(new[1] * _GIB)), 0
    if source:
        _, origin = cluster.volume(host, source)
        size = storage.rounded(virtual_size(origin.file) if origin.file else origin.size_bytes)
        used = origin.used_bytes
    volume = Volume(storage.free_name(vmid, form), "images", form, size, used, vmid)
    storage.take(volume)
    return print_values(f"{new[0]}:{volume.name}", values | {"size": format_size(size)})


def _make_cloudinit(
    cluster: Cluster, host: str, vmid: int, storage_name: str, form: str | None, values: dict[str, str]
) -> str:
    storage = cluster.storage(host, storage_name)
    form = form or ("qcow2" if storage.definition.is_file_based else "raw")
    name = storage.image_name(vmid, f"vm-{vmid}-cloudinit", form)
    if name in storage.volumes:
        raise failure(f"volume '{storage_name}:{name}' already exists")
    storage.take(Volume(name, "images", form, _CLOUDINIT_BYTES, _CLOUDINIT_BYTES, vmid))
    return print_values(f"{storage_name}:{name}", values | {"media": "cdrom", "size": "4M"})


def free(cluster: Cluster, host: str, value: str) -> None:
    """Delete the volume of a drive, if it has one that is an image."""
    volid = value.split(",", maxsplit=1)[0]
    storage_name, colon, name = volid.partition(":")
    if not colon:
        return
    storage = cluster.storage(host, storage_name)
    volume = storage.volumes.get(name)
    if volume and volume.content == "images":
        if storage.linked_to(name):
            raise failure(f"base volume '{volid}' is still in use by linked cloned")
        del storage.volumes[name]


def resized(cluster: Cluster, host: str, value: str, size: str, *, change: bool) -> str:
    """A drive with its new size (`32G`, or `+8G`); raises for a smaller one. Without `change`, a check."""
    volid, _, options = value.partition(",")
    storage, volume = cluster.volume(host, volid)
    wanted = parse_size(size.removeprefix("+")) + (volume.size_bytes if size.startswith("+") else 0)
    if wanted < volume.size_bytes:
        raise failure("shrinking disks is not supported")
    if change and wanted > volume.size_bytes:
        if storage.is_full:
            raise failure("command '/sbin/lvextend' failed: no space left on device")
        volume.size_bytes = wanted
    kept = [part for part in options.split(",") if part and not part.startswith("size=")]
    return ",".join([volid, *sorted([*kept, f"size={format_size(wanted)}"])])


@dataclass(frozen=True, slots=True)
class Target:
    """Where a copy of a drive goes."""

    vmid: int
    storage: str | None
    form: str | None
    linked: bool


def clone(cluster: Cluster, host: str, value: str, target: Target) -> str:
    """A copy of a drive for another VM: of all its blocks, or standing on its base."""
    if is_cdrom(value) and not is_cloudinit(value):
        return value
    volid, _, options = value.partition(",")
    origin_storage, origin = cluster.volume(host, volid)
    storage_name = target.storage or volid.partition(":")[0]
    storage = cluster.storage(host, storage_name)
    kept = {part.partition("=")[0]: part.partition("=")[2] for part in options.split(",") if part}
    if is_cloudinit(value):
        kept.pop("size", None)
        return _make_cloudinit(cluster, host, target.vmid, storage_name, None, kept)
    if target.linked:
        form = "qcow2" if storage.definition.is_file_based else "raw"
        name = origin_storage.linked_name(origin.name, storage.free_name(target.vmid, form))
        copy = replace(
            origin, name=name, vmid=target.vmid, format=form, used_bytes=0, base=origin.name, file=None
        )
    else:
        form = storage.default_format(target.form or origin.format)
        name = storage.free_name(target.vmid, form)
        copy = replace(origin, name=name, vmid=target.vmid, format=form, base=None, file=None)
    storage.take(copy)
    return print_values(f"{storage_name}:{copy.name}", kept | {"size": format_size(copy.size_bytes)})
