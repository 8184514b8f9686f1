"""What is there: machines, hosts and storages as Proxmox answers, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from infra.proxmox import property_strings
from infra.proxmox.wanted import WantedMachine

#: where the template's disk, and so that of every clone, is attached
BOOT_DISK = "scsi0"

Row = Mapping[str, Any]
#: stands for what a machine still runs with, where Proxmox does not tell it: of deleted cloud-init options
UNTOLD = "(not told)"
#: options that were changed and take effect at the next start -> the values that the machine still runs with
Pending = Mapping[str, str | None]


class Ownership(StrEnum):
    """Whose a machine is, for a cluster."""

    #: it carries both tags of the cluster
    OURS = "ours"
    #: a clone of ours that was interrupted before it got its tags: its description says so
    UNFINISHED = "unfinished"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class FoundMachine:
    """One virtual machine or container as it is."""

    vmid: int
    name: str
    host: str
    running: bool
    is_container: bool = False
    is_template: bool = False
    memory_bytes: int = 0
    tags: frozenset[str] = frozenset()
    pool: str | None = None
    lock: str | None = None
    #: its options; None for machines that are not asked for theirs, or can't be since their host is down
    config: Mapping[str, str] | None = None
    #: of the options, at the moment when they were read: a change may say that it is based on it
    digest: str | None = None
    pending: Pending = field(default_factory=dict[str, str | None])
    #: the names of its snapshots; asked for only of a stopped machine that shall move to another host
    snapshots: Sequence[str] = ()
    #: the HA group, "" without one; None when HA does not manage it
    ha_group: str | None = None

    def ownership(self, wanted: WantedMachine) -> Ownership:
        """Whose it is, seen from the machine that wants its VMID."""
        if self.carries(wanted.tags):
            return Ownership.OURS
        description = (self.config or {}).get("description", "")
        if self.name == wanted.name and self.vmid == wanted.vmid and wanted.mark in description.splitlines():
            return Ownership.UNFINISHED
        return Ownership.FOREIGN

    def carries(self, tags: frozenset[str]) -> bool:
        """Whether it has all of ``tags``, as a machine and not as a template or container."""
        return tags <= self.tags and not self.is_template and not self.is_container

    @property
    def boot_disk(self) -> Mapping[str, str]:
        """The properties of the disk that it starts from."""
        return property_strings.parse((self.config or {}).get(BOOT_DISK, ""), "file")

    @property
    def disk_bytes(self) -> int:
        """The size of that disk."""
        return property_strings.size_bytes(self.boot_disk.get("size", "0"))

    @property
    def storage(self) -> str:
        """Where that disk lies."""
        return self.boot_disk.get("file", "").partition(":")[0]

    @property
    def address(self) -> str:
        """The address that cloud-init gives it, without the prefix; "" when none was set."""
        options = property_strings.parse((self.config or {}).get("ipconfig0", ""), "ip")
        return options.get("ip", "").partition("/")[0]

    @property
    def has_passthrough(self) -> bool:
        """Whether a device of the host is passed through to it."""
        return any(option.startswith("hostpci") for option in self.config or {})


@dataclass(frozen=True, slots=True)
class FoundHost:
    """One Proxmox host."""

    name: str
    online: bool
    memory_bytes: int
    cores: int
    #: None when it was not asked
    bridges: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class FoundStorage:
    """One storage, as one host sees it."""

    name: str
    host: str
    shared: bool
    available: bool
    content: frozenset[str]
    total_bytes: int
    used_bytes: int
    #: such as lvmthin, zfspool, dir
    kind: str = ""

    @property
    def free_bytes(self) -> int:
        """What can still be written to it."""
        return max(0, self.total_bytes - self.used_bytes)


@dataclass(frozen=True, slots=True)
class Landscape:
    """All that was found, at one moment."""

    #: of Proxmox VE, such as (8, 4)
    version: tuple[int, ...]
    hosts: Mapping[str, FoundHost]
    storages: Sequence[FoundStorage]
    machines: Sequence[FoundMachine]
    #: device mapping -> the hosts that have it; None when it was not asked for
    mappings: Mapping[str, frozenset[str]] | None = None
    #: HA groups, or the node-affinity rules that took their place; None when they were not asked for
    ha_groups: frozenset[str] | None = None
    notes: Sequence[str] = field(default=())

    def machine(self, vmid: int) -> FoundMachine | None:
        """The machine with that number."""
        return next((machine for machine in self.machines if machine.vmid == vmid), None)

    def is_offline(self, host: str) -> bool:
        """Whether that host is known and down: what is on it can't be asked for, nor changed."""
        return host in self.hosts and not self.hosts[host].online

    def storage(self, name: str, host: str) -> FoundStorage | None:
        """The storage ``name`` as ``host`` sees it."""
        return next((one for one in self.storages if (one.name, one.host) == (name, host)), None)


def machine_of(row: Row) -> FoundMachine:
    """A machine as the list of all resources tells of it."""
    return FoundMachine(
        vmid=int(row["vmid"]),
        name=str(row.get("name", "")),
        host=str(row["node"]),
        running=row.get("status") == "running",
        is_container=row.get("type") == "lxc",
        is_template=bool(int(row.get("template") or 0)),
        memory_bytes=int(row.get("maxmem") or 0),
        tags=property_strings.tag_set(row.get("tags")),
        pool=row.get("pool") or None,
        lock=row.get("lock") or None,
    )


def host_of(row: Row) -> FoundHost:
    """A host as the list of all resources tells of it."""
    return FoundHost(
        name=str(row["node"]),
        online=row.get("status") == "online",
        memory_bytes=int(row.get("maxmem") or 0),
        cores=int(row.get("maxcpu") or 0),
    )


def storage_of(row: Row) -> FoundStorage:
    """A storage as the list of all resources tells of it."""
    return FoundStorage(
        name=str(row["storage"]),
        host=str(row["node"]),
        shared=bool(int(row.get("shared") or 0)),
        available=row.get("status") in {"available", None},
        content=frozenset(filter(None, str(row.get("content", "")).split(","))),
        total_bytes=int(row.get("maxdisk") or 0),
        used_bytes=int(row.get("disk") or 0),
        kind=str(row.get("plugintype", "")),
    )


def options_of(answer: Row) -> dict[str, str]:
    """A machine's options, with their digest, from the answer of its configuration."""
    return {key: str(value) for key, value in answer.items()}


def pending_of(rows: Sequence[Row]) -> tuple[dict[str, str], Pending]:
    """A running machine's options as they will be, with their digest, and what it still runs with."""
    options: dict[str, str] = {}
    pending: dict[str, str | None] = {}
    for row in rows:
        key, unknown = str(row["key"]), UNTOLD if row.get("delete") else None
        runs_with = str(row["value"]) if "value" in row else unknown
        if "pending" in row or row.get("delete"):
            pending[key] = runs_with
        becomes = None if row.get("delete") else row.get("pending", runs_with)
        if becomes is not None:
            options[key] = str(becomes)
    return options, pending
