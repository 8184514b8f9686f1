"""What ``cluster.yaml`` says of Proxmox and of the machines on it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, Field, HttpUrl, StringConstraints, model_validator

from homeostat.config import Document
from infra.definition.values import (
    Address,
    HostName,
    K3sVersion,
    MappingName,
    ProxmoxName,
    Size,
    VmId,
)


class Role(StrEnum):
    """What a node does."""

    SERVER = "server"
    AGENT = "agent"


def _hexadecimal(value: str) -> str:
    if not re.fullmatch(r"[0-9a-f]+", value):
        raise ValueError("must be lower-case hexadecimal digits, as the image's publisher lists them")
    return value


class Checksum(Document):
    """What a downloaded file must be."""

    algorithm: Literal["sha256", "sha512"] = "sha512"
    #: in lower-case hexadecimal digits, as many as the algorithm gives
    value: Annotated[str, AfterValidator(_hexadecimal)]


class Template(Document):
    """The machine that all others are cloned from; it is made when it is missing."""

    vmid: VmId = 9000
    name: HostName = "homeostat-debian-12"
    #: the host that holds it; the first host of the nodes when none is named
    host: HostName | None = None
    #: a cloud image (qcow2) that Proxmox downloads
    image: HttpUrl
    checksum: Checksum
    #: where the image is kept: a storage that takes the content type "import"
    image_storage: ProxmoxName = "local"


class PhysicalHost(Document):
    """What is known of a Proxmox host without asking it; checked before the API is."""

    memory: Size
    cores: Annotated[int, Field(ge=1, le=1024)] | None = None


def _token_id(value: str) -> str:
    if not re.fullmatch(r"[^@!\s]+@[^@!\s]+![A-Za-z][A-Za-z0-9._-]+", value):
        raise ValueError("must be USER@REALM!NAME, such as homeostat@pve!platform, without the secret")
    return value


class Token(Document):
    """The API token by which Proxmox is asked; its secret is never in this file."""

    id: Annotated[str, AfterValidator(_token_id)]

    @model_validator(mode="before")
    @classmethod
    def _no_secret(cls, content: Any) -> Any:
        # here, where no sentence quotes the value
        if isinstance(content, Mapping) and "=" in str(cast("Mapping[str, object]", content).get("id")):
            raise ValueError(
                "'id' has a '=' in it: the secret after it must not stand in this file; make a new token, "
                "since this one may have been seen, and set HOMEOSTAT_PROXMOX_TOKEN"
            )
        return cast("object", content)

    @property
    def user(self) -> str:
        """Whose token it is, with the realm."""
        return self.id.partition("!")[0]


class Proxmox(Document):
    """The hosts that the machines run on, and how they are reached."""

    #: any host of the Proxmox cluster answers for all; they are tried in this order
    endpoints: Annotated[tuple[HttpUrl, ...], Field(min_length=1)]
    token: Token
    #: the certificate authority of the endpoints (pve-root-ca.pem), when this machine does not trust it
    ca_file: Path | None = None
    #: where the disks of machines lie
    storage: ProxmoxName = "local-lvm"
    bridge: ProxmoxName = "vmbr0"
    vlan: Annotated[int, Field(ge=1, le=4094)] | None = None
    pool: ProxmoxName | None = None
    template: Template
    clone: Literal["full", "linked"] = "full"
    #: an HA group (Proxmox VE 8) or node-affinity rule (9) for nodes with "ha: true"
    ha_group: ProxmoxName | None = None
    hosts: Mapping[HostName, PhysicalHost] = Field(default_factory=dict[str, PhysicalHost])


class Gpu(Document):
    """A device that is passed through to the machine, by the name of its mapping in Proxmox."""

    mapping: MappingName
    pcie: bool = True


class Taint(Document):
    """Keeps pods away that don't tolerate it."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=317)]
    value: Annotated[str, StringConstraints(max_length=63)] = ""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]


class Node(Document):
    """One machine of the cluster."""

    name: HostName
    role: Role
    #: the Proxmox host that it runs on
    host: HostName
    vmid: VmId
    address: Address
    cores: Annotated[int, Field(ge=1, le=512)] = 2
    memory: Size
    #: when the host is short it takes memory back down to this; without it, nothing
    memory_minimum: Size | None = None
    disk: Size
    #: instead of proxmox.storage
    storage: ProxmoxName | None = None
    gpu: Gpu | None = None
    labels: Mapping[str, str] = Field(default_factory=dict[str, str])
    taints: tuple[Taint, ...] = ()
    ha: bool = False
    #: instead of k3s.version, while nodes are upgraded one by one
    k3s_version: K3sVersion | None = None

    @property
    def guaranteed_bytes(self) -> int:
        """The memory that its host can't take back; a device passed through pins all of it."""
        if self.memory_minimum is None or self.gpu:
            return self.memory
        return min(self.memory_minimum, self.memory)
