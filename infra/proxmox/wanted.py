"""What ``cluster.yaml`` wants: its nodes as virtual machines of Proxmox, without asking anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from infra.definition.document import Definition
from infra.definition.machines import Node, Role

#: Runs on every x86 processor since 2010 and lets machines move between unlike hosts. ``host`` would be
#: faster for some, but ties a machine to one kind of processor; v3 (AVX2) is missing in the small boxes of
#: homelabs, and numeric libraries choose their code by what they find.
CPU = "x86-64-v2-AES"
#: of the template alone; a clone inherits it, until it gets its own tags
TEMPLATE_TAG = "homeostat-template"
#: what a template carries that is ours
TEMPLATE_TAGS = frozenset({"homeostat", TEMPLATE_TAG})
#: the line of its description by which it is known as ours before it has tags
TEMPLATE_MARK = "homeostat: machines are cloned from this template."
#: in a description: whose machine this is, from the first moment of its clone on, before it has tags
_MARK = "homeostat: node {node} of cluster {cluster}"


@dataclass(frozen=True, slots=True)
class Startup:
    """When a machine starts with its host; it is shut down in the reverse order."""

    order: int
    #: how long the next one waits for it
    up_seconds: int
    #: how long it may take to shut down
    down_seconds: int


#: The API comes before those who ask it, and servers follow each other slowly, so that etcd finds its peers.
_STARTUP = {Role.SERVER: Startup(1, 15, 120), Role.AGENT: Startup(2, 5, 180)}


@dataclass(frozen=True, slots=True)
class CloudInit:
    """What the machine is told at its first boot."""

    user: str
    keys: tuple[str, ...]
    address: IPv4Address
    prefix_length: int
    gateway: IPv4Address
    nameservers: tuple[IPv4Address, ...]
    search_domain: str | None


@dataclass(frozen=True, slots=True)
class Passthrough:
    """A device of the host, by the name of its mapping."""

    mapping: str
    pcie: bool


@dataclass(frozen=True, slots=True)
class WantedMachine:
    """One virtual machine as it should be. Its MAC address is Proxmox's choice, and is kept."""

    name: str
    cluster: str
    host: str
    vmid: int
    role: Role
    cores: int
    memory_bytes: int
    #: what the host may take it down to; None: all of its memory is its own
    memory_minimum_bytes: int | None
    #: what the host can't take down further, with a device passed through all of it
    guaranteed_bytes: int
    disk_bytes: int
    storage: str
    bridge: str
    vlan: int | None
    cloud_init: CloudInit
    tags: frozenset[str]
    startup: Startup
    passthrough: Passthrough | None
    ha: bool
    ha_group: str | None
    #: the hosts of the cluster's nodes with HA: where a rule lets them run, when it must be made
    ha_hosts: tuple[str, ...]
    pool: str | None
    #: whether its disk is a copy of the template's, or made of what differs from it
    full_clone: bool
    cpu: str = CPU

    @property
    def mark(self) -> str:
        """The line of the description by which an unfinished clone is known as ours."""
        return _MARK.format(node=self.name, cluster=self.cluster)

    @property
    def description(self) -> str:
        """What a clone is described as; people may write more into it."""
        return f"{self.mark}\nIt is made from cluster.yaml: change it there."


@dataclass(frozen=True, slots=True)
class WantedTemplate:
    """The machine that the others are cloned from."""

    vmid: int
    name: str
    host: str
    #: where its disk lies
    storage: str
    image_storage: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that one ``cluster.yaml`` wants of Proxmox."""

    cluster: str
    tags: frozenset[str]
    template: WantedTemplate
    machines: Sequence[WantedMachine]


def wanted(definition: Definition, keys: Sequence[str]) -> Wanted:
    """What ``definition`` wants; ``keys`` are the public SSH keys that enter the machines."""
    machines = wanted_machines(definition, keys)
    return Wanted(definition.name, definition.tags, wanted_template(definition), machines)


def wanted_template(definition: Definition) -> WantedTemplate:
    """The template of ``definition``."""
    template = definition.proxmox.template
    return WantedTemplate(
        template.vmid,
        template.name,
        definition.template_host,
        definition.proxmox.storage,
        template.image_storage,
    )


def wanted_machines(definition: Definition, keys: Sequence[str]) -> tuple[WantedMachine, ...]:
    """The machines of ``definition``, in its order; ``keys`` are the public SSH keys that enter them."""
    return tuple(_wanted(definition, node, tuple(keys)) for node in definition.nodes)


def _wanted(definition: Definition, node: Node, keys: tuple[str, ...]) -> WantedMachine:
    proxmox, network = definition.proxmox, definition.network
    return WantedMachine(
        name=node.name,
        cluster=definition.name,
        host=node.host,
        vmid=node.vmid,
        role=node.role,
        cores=node.cores,
        memory_bytes=int(node.memory),
        memory_minimum_bytes=_minimum(node),
        guaranteed_bytes=int(node.guaranteed_bytes),
        disk_bytes=int(node.disk),
        storage=node.storage or proxmox.storage,
        bridge=proxmox.bridge,
        vlan=proxmox.vlan,
        cloud_init=CloudInit(
            user=definition.ssh.user,
            keys=keys,
            address=node.address,
            prefix_length=network.cidr.prefixlen,
            gateway=network.gateway,
            nameservers=network.dns,
            search_domain=network.search_domain,
        ),
        tags=definition.tags,
        startup=_STARTUP[node.role],
        passthrough=Passthrough(node.gpu.mapping, node.gpu.pcie) if node.gpu else None,
        ha=node.ha,
        ha_group=proxmox.ha_group if node.ha else None,
        ha_hosts=tuple(sorted({one.host for one in definition.nodes if one.ha})),
        pool=proxmox.pool,
        full_clone=proxmox.clone == "full",
    )


def _minimum(node: Node) -> int | None:
    # the memory of a machine with a device passed through is pinned: nothing can be taken back
    return None if node.memory_minimum is None or node.gpu else int(node.memory_minimum)
