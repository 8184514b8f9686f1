"""Clusters to plan: a definition as a file would give it, and what Proxmox could answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from infra.definition.document import Definition
from infra.proxmox.found import FoundHost, FoundMachine, FoundStorage, Landscape
from infra.proxmox.plan.options import changes
from infra.proxmox.property_strings import disk_size
from infra.proxmox.wanted import Wanted, wanted

GIB = 2**30
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJyoFHKeLrVXGRgFOyHPmWRBDUbBMHcYlsO8ULcZ1Jy1 owner@laptop"
NODE: Mapping[str, Any] = {"role": "server", "host": "pve1", "memory": "4GiB", "disk": "32GiB"}


def node(name: str, number: int, **more: Any) -> dict[str, Any]:
    """One node; ``number`` gives its VMID and address."""
    return {**NODE, "name": name, "vmid": 200 + number, "address": f"192.168.20.{10 + number}", **more}


def definition(*nodes: dict[str, Any], proxmox: Mapping[str, Any] | None = None, **more: Any) -> Definition:
    """A cluster named home."""
    content: dict[str, Any] = {
        "name": "home",
        "proxmox": {
            "endpoints": ["https://127.0.0.1:8006"],
            "token": {"id": "homeostat@pve!platform"},
            "template": {
                "image": "https://images.example/debian.qcow2",
                "checksum": {"algorithm": "sha512", "value": "0" * 128},
            },
            **(proxmox or {}),
        },
        "network": {"cidr": "192.168.20.0/24", "gateway": "192.168.20.1", "dns": ["192.168.20.1"]},
        "nodes": list(nodes) or [node("server-1", 1)],
        "k3s": {"version": "v1.34.4+k3s1"},
        "git": {"repository": "https://git.example/homeostat.git"},
        **more,
    }
    return Definition.model_validate(content)


def wishes(*nodes: dict[str, Any], proxmox: Mapping[str, Any] | None = None) -> Wanted:
    """What such a cluster wants."""
    return wanted(definition(*nodes, proxmox=proxmox), (KEY,))


def landscape(*machines: FoundMachine, **more: Any) -> Landscape:
    """Two hosts, each with a local storage of its own and a shared one, and a template on the first."""
    hosts = {
        name: FoundHost(name, online=True, memory_bytes=64 * GIB, cores=16, bridges=frozenset({"vmbr0"}))
        for name in ("pve1", "pve2")
    }
    content = frozenset({"images", "import"})
    storages = [
        FoundStorage(name, host, shared, True, content, 500 * GIB, 0)
        for host in hosts
        for name, shared in (("local", False), ("local-lvm", False), ("ceph", True))
    ]
    found = Landscape(
        (8, 4, 1), hosts, storages, (TEMPLATE, *machines), {"gpu": frozenset({"pve1"})}, frozenset()
    )
    return replace(found, **more)


TEMPLATE = FoundMachine(
    vmid=9000,
    name="homeostat-debian-12",
    host="pve1",
    running=False,
    is_template=True,
    tags=frozenset({"homeostat", "homeostat-template"}),
    config={"scsi0": "local-lvm:base-9000-disk-0,size=3G", "name": "homeostat-debian-12"},
)


def as_wanted(of: Wanted, vmid: int = 201, **more: Any) -> FoundMachine:
    """A machine that is just as it should be, but for ``more``."""
    machine = next(one for one in of.machines if one.vmid == vmid)
    config = {"net0": "virtio=BC:24:11:00:00:01,bridge=vmbr0", "description": machine.description}
    _, parameters = changes(machine, config)
    config |= parameters
    config["scsi0"] = f"{machine.storage}:vm-{vmid}-disk-0,size={disk_size(machine.disk_bytes)}"
    found = FoundMachine(
        vmid=vmid,
        name=machine.name,
        host=machine.host,
        running=True,
        memory_bytes=machine.memory_bytes,
        tags=machine.tags,
        pool=machine.pool,
        config=config,
        digest="0" * 40,
        ha_group=(machine.ha_group or "") if machine.ha else None,
    )
    return replace(found, **more)


def but(found: FoundMachine, *, without: Sequence[str] = (), **options: str) -> FoundMachine:
    """``found`` with other options."""
    config = {**(found.config or {}), **options}
    return replace(found, config={key: value for key, value in config.items() if key not in without})
