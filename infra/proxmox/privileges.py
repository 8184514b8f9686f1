"""The least that the platform's token must be allowed: checked by the doctor, printed by the documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from infra.definition.document import Definition

#: the first part of a path -> the role that the commands make for it
_ROLES = {
    "": "HomeostatCluster",
    "vms": "HomeostatMachines",
    "pool": "HomeostatMachines",
    "storage": "HomeostatStorage",
    "sdn": "HomeostatNetwork",
    "nodes": "HomeostatHosts",
    "mapping": "HomeostatDevices",
}


@dataclass(frozen=True, slots=True)
class Need:
    """Privileges on one path, and what they are for."""

    path: str
    privileges: frozenset[str]
    purpose: str


def needs(definition: Definition) -> Sequence[Need]:
    """What the token needs for everything that ``definition`` wants, at the narrowest paths that suffice.

    Machines are created and destroyed, and Proxmox forgets permissions on a machine with the machine, so
    these lie on the pool, or on all machines when no pool is named.
    """
    proxmox = definition.proxmox
    return [
        Need(machines_path(definition), MACHINES, "make, change, start and remove machines"),
        *_storages(definition),
        Need(network_path(definition), frozenset({"SDN.Use"}), "connect machines to the network"),
        *(Need(f"/nodes/{host}", HOSTS, "read a host's load") for host in hosts(definition)),
        Need(f"/nodes/{template_host(definition)}", frozenset({"Sys.AccessNetwork"}), "download the image"),
        *(
            Need(f"/mapping/pci/{name}", frozenset({"Mapping.Use"}), "pass a device through")
            for name in sorted({node.gpu.mapping for node in definition.nodes if node.gpu})
        ),
        *(
            [Need("/", HIGH_AVAILABILITY, "enter machines into the HA manager")]
            if _wants_ha(definition)
            else []
        ),
        *([Need(f"/pool/{proxmox.pool}", frozenset({"Pool.Audit"}), "see the pool")] if proxmox.pool else []),
    ]


MACHINES = frozenset(
    {
        "VM.Allocate",
        "VM.Audit",
        "VM.Clone",
        "VM.Config.CDROM",
        "VM.Config.CPU",
        "VM.Config.Cloudinit",
        "VM.Config.Disk",
        "VM.Config.HWType",
        "VM.Config.Memory",
        "VM.Config.Network",
        "VM.Config.Options",
        "VM.PowerMgmt",
        "VM.Snapshot",
    }
)
HOSTS = frozenset({"Sys.Audit"})
#: Proxmox checks Sys.Console for every change of the HA manager
HIGH_AVAILABILITY = frozenset({"Sys.Audit", "Sys.Console"})


def machines_path(definition: Definition) -> str:
    """Where the privileges on machines lie."""
    return f"/pool/{definition.proxmox.pool}" if definition.proxmox.pool else "/vms"


def network_path(definition: Definition) -> str:
    """Where the right to use the bridge (and its VLAN) lies."""
    bridge = f"/sdn/zones/localnetwork/{definition.proxmox.bridge}"
    return f"{bridge}/{definition.proxmox.vlan}" if definition.proxmox.vlan else bridge


def hosts(definition: Definition) -> Sequence[str]:
    """The hosts that machines or the template lie on."""
    return sorted({*(node.host for node in definition.nodes), template_host(definition)})


def template_host(definition: Definition) -> str:
    """The host that holds the template."""
    return definition.proxmox.template.host or definition.nodes[0].host


def disk_storages(definition: Definition) -> Sequence[str]:
    """The storages that disks of machines or of the template lie on."""
    default = definition.proxmox.storage
    return sorted({default, *(node.storage or default for node in definition.nodes)})


def role(path: str) -> str:
    """The role that holds the privileges on ``path``."""
    return _ROLES.get(path.strip("/").partition("/")[0], "HomeostatMore")


def grant(path: str, privileges: Iterable[str], token: str) -> str:
    """The command, run on a Proxmox host as root, that adds ``privileges`` on ``path``.

    A token's rights are at most its user's, so both are named.
    """
    name, listed = role(path), ",".join(sorted(privileges))
    user = token.partition("!")[0]
    return (
        f"pveum role modify {name} --privs {listed} --append 1 || pveum role add {name} --privs {listed}; "
        f"pveum acl modify {path} --roles {name} --users '{user}' --tokens '{token}'"
    )


def _storages(definition: Definition) -> Iterable[Need]:
    for storage in disk_storages(definition):
        wanted = frozenset({"Datastore.AllocateSpace", "Datastore.Audit"})
        yield Need(f"/storage/{storage}", wanted, "make disks")
    images = definition.proxmox.template.image_storage
    wanted = frozenset({"Datastore.AllocateTemplate", "Datastore.Audit"})
    yield Need(f"/storage/{images}", wanted, "keep the image")


def _wants_ha(definition: Definition) -> bool:
    return any(node.ha for node in definition.nodes)
