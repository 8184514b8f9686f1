"""Storages: their configuration, state and space."""

from typing import Any

from tests.proxmox_simulator.cluster import Call
from tests.proxmox_simulator.refusal import failure
from tests.proxmox_simulator.routes import route
from tests.proxmox_simulator.storages import StorageInUse

_AUDIT = ("Datastore.Audit", "Datastore.AllocateSpace")


def _state(storage: StorageInUse) -> dict[str, Any]:
    definition = storage.definition
    return {
        "type": definition.kind, "content": ",".join(sorted(definition.contents)),
        "shared": int(definition.shared), "active": 1, "enabled": 1,
        "total": definition.size_bytes, "used": storage.used_bytes, "avail": storage.available_bytes,
    }  # fmt: skip


@route("GET", "/nodes/{node}/storage")
def storages(call: Call) -> list[dict[str, Any]]:
    asked = call.text("storage"), call.text("content")
    return [
        {"storage": name, "used_fraction": storage.used_bytes / storage.definition.size_bytes}
        | _state(storage)
        for name, storage in call.cluster.storages_of(call.host).items()
        if call.permissions.has(f"/storage/{name}", *_AUDIT)
        and asked[0] in (None, name)
        and (asked[1] is None or set(asked[1].split(",")) & set(storage.definition.contents))
    ]


@route("GET", "/nodes/{node}/storage/{storage}/status")
def status(call: Call) -> dict[str, Any]:
    return _state(call.cluster.storage(call.host, call.parameters["storage"]))


@route("GET", "/nodes/{node}/storage/{storage}")
def index(call: Call) -> list[dict[str, str]]:
    return [{"subdir": name} for name in ("content", "download-url", "status")]


def _configured(call: Call) -> dict[str, dict[str, Any]]:
    """The datacenter's storages by name, as storage.cfg has them."""
    found: dict[str, dict[str, Any]] = {}
    for host in call.cluster.hosts:
        for name, storage in call.cluster.storages_of(host).items():
            entry = found.setdefault(name, {"storage": name, "type": storage.definition.kind, "nodes": []})
            entry["content"] = ",".join(sorted(storage.definition.contents))
            entry["nodes"].append(host)
            if storage.definition.shared:
                entry["shared"] = 1
            if storage.definition.is_file_based:
                entry["path"] = f"/var/lib/vz/{name}" if name != "local" else "/var/lib/vz"
    for entry in found.values():
        nodes = entry.pop("nodes")
        if len(nodes) < len(call.cluster.hosts):
            entry["nodes"] = ",".join(nodes)
    return found


@route("GET", "/storage")
def configured(call: Call) -> list[dict[str, Any]]:
    return [
        row for name, row in _configured(call).items() if call.permissions.has(f"/storage/{name}", *_AUDIT)
    ]


@route("GET", "/storage/{storage}")
def configured_one(call: Call) -> dict[str, Any]:
    found = _configured(call).get(call.parameters["storage"])
    if found is None:
        raise failure(f"storage '{call.parameters['storage']}' does not exist")
    return found
