"""The whole of ``cluster.yaml``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, HttpUrl, StringConstraints

from homeostat.config import Document
from infra.definition.machines import Node, Proxmox, Role
from infra.definition.values import Address, Domain, HostName, K3sVersion, Network


class DhcpRange(Document):
    """The addresses that a DHCP server gives away, both ends included: nothing of ours may lie in it."""

    first: Address
    last: Address


class Nets(Document):
    """The network that the nodes are in, and those inside of the cluster."""

    cidr: Network
    gateway: Address
    dns: Annotated[tuple[Address, ...], Field(min_length=1)]
    search_domain: Domain | None = None
    #: the address of the Kubernetes API, which moves to a living server (kube-vip)
    api_vip: Address | None = None
    dhcp: DhcpRange | None = None
    pods: Network = IPv4Network("10.42.0.0/16")
    services: Network = IPv4Network("10.43.0.0/16")


class Ssh(Document):
    """How the machines are entered."""

    user: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_-]{0,31}$")] = "homeostat"
    #: the private key on this machine; its public half is beside it with the ending .pub
    key_file: Path = Path("~/.ssh/id_ed25519")
    #: more public keys that may enter
    authorized_keys: tuple[str, ...] = ()


class K3s(Document):
    """The Kubernetes distribution on the machines."""

    version: K3sVersion
    #: a folder on this machine with a release (k3s, sha256sum-amd64.txt, images), instead of a download
    airgap_folder: Path | None = None


class Git(Document):
    """What Argo CD follows."""

    repository: Annotated[str, StringConstraints(min_length=1)]
    revision: str = "main"
    #: which of argocd/root/<environment> is applied
    environment: HostName = "homelab"


class Registry(Document):
    """Where the nodes get images from, beside the public registries."""

    host: Annotated[str, StringConstraints(min_length=1)]
    #: registry -> mirrors, tried in this order
    mirrors: Mapping[str, tuple[HttpUrl, ...]] = Field(default_factory=dict[str, tuple[HttpUrl, ...]])


class S3(Document):
    """A bucket; its keys are secrets and not in this file."""

    endpoint: str
    bucket: str
    folder: str = ""
    region: str = "us-east-1"


class Backups(Document):
    """Snapshots of etcd, with the server token, without which they are worthless."""

    schedule: str = "0 */6 * * *"
    keep: Annotated[int, Field(ge=1, le=1000)] = 28
    s3: S3 | None = None
    #: a folder on the servers, such as a mounted share
    path: Path | None = None


class Firewall(Document):
    """Who may enter the machines from outside of their own network."""

    administrators: tuple[Network, ...] = ()


class Definition(Document):
    """One cluster in one homelab."""

    version: Literal[1] = 1
    name: HostName
    proxmox: Proxmox
    network: Nets
    nodes: Annotated[tuple[Node, ...], Field(min_length=1)]
    ssh: Ssh = Ssh()
    k3s: K3s
    git: Git
    registry: Registry | None = None
    backups: Backups | None = None
    firewall: Firewall = Firewall()

    @property
    def servers(self) -> Sequence[Node]:
        """The nodes with the control plane and etcd, in the order of the file."""
        return [node for node in self.nodes if node.role is Role.SERVER]

    @property
    def agents(self) -> Sequence[Node]:
        """The nodes that only run pods."""
        return [node for node in self.nodes if node.role is Role.AGENT]

    @property
    def api_address(self) -> Address:
        """Where the Kubernetes API is asked for: the VIP, or the first server without one."""
        return self.network.api_vip or self.servers[0].address

    @property
    def template_host(self) -> str:
        """The Proxmox host that holds the template."""
        return self.proxmox.template.host or self.nodes[0].host

    @property
    def hosts(self) -> Sequence[str]:
        """The Proxmox hosts that machines or the template are on."""
        return sorted({*(node.host for node in self.nodes), self.template_host})

    @property
    def disk_storages(self) -> Sequence[str]:
        """The storages that disks of machines or of the template lie on."""
        default = self.proxmox.storage
        return sorted({default, *(node.storage or default for node in self.nodes)})

    @property
    def tags(self) -> frozenset[str]:
        """The tags in Proxmox by which the machines of this cluster are known as ours."""
        return frozenset({"homeostat", f"homeostat-{self.name}"})
