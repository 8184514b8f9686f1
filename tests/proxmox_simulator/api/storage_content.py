"""What lies on a storage: listed, deleted, and downloaded from a URL."""

import hashlib
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.proxmox_simulator.cluster import Call
from tests.proxmox_simulator.refusal import failure, wrong_parameters
from tests.proxmox_simulator.routes import route
from tests.proxmox_simulator.sizes import virtual_size
from tests.proxmox_simulator.storages import StorageInUse, Volume
from tests.proxmox_simulator.tasks import Task, TaskFailed

_ENDINGS = {
    "iso": r"\.(iso|img)",
    "vztmpl": r"\.tar\.(gz|xz|zst|bz2)",
    "import": r"\.(ova|qcow2|raw|vmdk)",
}


@route("GET", "/nodes/{node}/storage/{storage}/content")
def content(call: Call) -> list[dict[str, Any]]:
    name = call.parameters["storage"]
    storage = call.cluster.storage(call.host, name)
    return [
        _row(name, volume)
        for volume in storage.volumes.values()
        if call.text("content") in (None, volume.content) and call.text("vmid") in (None, str(volume.vmid))
    ]


def _row(storage: str, volume: Volume) -> dict[str, Any]:
    row: dict[str, Any] = {
        "volid": f"{storage}:{volume.name}", "content": volume.content, "format": volume.format,
        "size": volume.size_bytes, "ctime": volume.created_at,
    }  # fmt: skip
    if volume.vmid is not None:
        row |= {"vmid": volume.vmid, "used": volume.used_bytes}
    return row | ({"parent": volume.base} if volume.base else {})


def _named(call: Call) -> tuple[StorageInUse, str]:
    """The storage and the name of the volume in the path, which may be said with or without its storage."""
    name = call.parameters["volume"].removeprefix(f"{call.parameters['storage']}:")
    return call.cluster.storage(call.host, call.parameters["storage"]), name


@route("GET", "/nodes/{node}/storage/{storage}/content/{volume}")
def attributes(call: Call) -> dict[str, Any]:
    storage, name = _named(call)
    call.permissions.check_any(
        f"/storage/{storage.definition.name}", "Datastore.Audit", "Datastore.AllocateSpace"
    )
    if name not in storage.volumes:
        raise failure(
            f"volume_size_info on '{storage.definition.name}:{name}' failed - no such file or directory"
        )
    volume = storage.volumes[name]
    return {
        "path": f"/var/lib/vz/{name}",
        "size": volume.size_bytes,
        "used": volume.used_bytes,
        "format": volume.format,
    }


@route("DELETE", "/nodes/{node}/storage/{storage}/content/{volume}")
def delete(call: Call) -> str:
    storage, name = _named(call)
    call.permissions.check(f"/storage/{storage.definition.name}", "Datastore.Allocate")
    volume = storage.volumes.get(name)
    if volume and volume.vmid is not None:
        vm = call.cluster.vms.get(volume.vmid)
        if vm and any(f":{name}" in value for value in vm.config.values()):
            raise failure(f"Cannot remove image, a guest with VMID '{volume.vmid}' exists!\nYou can delete the image from the guest's hardware pane")  # fmt: skip  # noqa: E501

    def work(task: Task) -> None:
        with call.cluster.lock:
            if storage.linked_to(name):
                raise failure(f"base volume '{name}' is still in use by linked cloned")
            if storage.volumes.pop(name, None) is None:
                raise failure(f"unable to unlink '{name}' - No such file or directory")
        task.tell(f"Removed volume '{storage.definition.name}:{name}'")

    return call.start_task("imgdel", work, id_=f"{name.rsplit('/')[-1]}@{storage.definition.name}")


@route("POST", "/nodes/{node}/storage/{storage}/download-url")
def download_url(call: Call) -> str:
    storage, filename = (
        call.cluster.storage(call.host, call.parameters["storage"]),
        call.parameters["filename"],
    )
    kind = call.parameters["content"]
    if not storage.definition.is_file_based:
        raise failure(f"can't upload to storage type '{storage.definition.kind}', not a file based storage!")
    if kind == "import" and _version(call) < (8, 4):
        raise wrong_parameters(
            {"content": f"value '{kind}' does not have a value in the enumeration 'iso, vztmpl'"}
        )
    if kind not in storage.definition.contents:
        raise failure(f"storage '{storage.definition.name}' is not configured for content-type '{kind}'")
    if not re.fullmatch(rf"[A-Za-z0-9_.\-+]+{_ENDINGS[kind]}", filename):
        raise wrong_parameters({"filename": "wrong file extension"})
    if ("checksum" in call.parameters) != ("checksum-algorithm" in call.parameters):
        known = "checksum" if "checksum" in call.parameters else "checksum-algorithm"
        other = "checksum-algorithm" if known == "checksum" else "checksum"
        raise wrong_parameters({other: f"missing property - '{known}' requires this property"})

    def work(task: Task) -> None:
        call.cluster.tasks.before_effect(task)
        _download(call, storage, task, f"{kind}/{filename}")

    return call.start_task("download", work, id_=filename)


def _version(call: Call) -> tuple[int, ...]:
    """Disk images to import can be downloaded since 8.4 (from memory)."""
    return tuple(int(part) for part in call.cluster.version.split(".")[:2])


def _download(call: Call, storage: StorageInUse, task: Task, name: str) -> None:
    wanted, algorithm = call.text("checksum"), call.text("checksum-algorithm")
    task.tell(f"downloading {call.parameters['url']} to /var/lib/vz/template/{name}")
    existing = storage.volumes.get(name)
    if existing and existing.file:
        if not wanted or not algorithm:
            raise TaskFailed(f"refusing to override existing file '/var/lib/vz/template/{name}'")
        if _hash(existing.file.read_bytes(), algorithm) == wanted.lower():
            task.tell("OK, got correct file already, no need to download")
            return
    data = _fetched(call.parameters["url"])
    if wanted and algorithm:
        task.tell("calculating checksum...")
        got = _hash(data, algorithm)
        if got != wanted.lower():
            raise TaskFailed(f"checksum mismatch: got '{got}' != expect '{wanted}'")
        task.tell("OK, checksum verified")
    _store(call, storage, name, data)
    task.tell(f"download of '{call.parameters['url']}' to '/var/lib/vz/template/{name}' finished")


def _hash(data: bytes, algorithm: str) -> str:
    return hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()


def _fetched(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=30) as response:
            return response.read()
    except urllib.error.HTTPError as error:
        raise TaskFailed(f"download failed: {error.code} {error.reason}") from error
    except OSError as error:
        raise TaskFailed(f"download failed: {error}") from error


def _store(call: Call, storage: StorageInUse, name: str, data: bytes) -> None:
    file: Path = (
        call.cluster.folder
        / f"{storage.definition.name}-{hashlib.sha256(name.encode()).hexdigest()[:12]}-{call.host}"
    )
    file.write_bytes(data)
    form = name.rsplit(".", maxsplit=1)[-1]
    with call.cluster.lock:
        storage.volumes.pop(name, None)
        size = virtual_size(file) if form == "qcow2" else len(data)
        volume = Volume(name, call.parameters["content"], form, size, len(data), file=file)
        storage.take(volume)
