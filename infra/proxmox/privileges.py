"""The least that the platform's token must be allowed: checked by the doctor, printed by the documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from infra.definition.document import Definition

#: a privilege -> the role that the commands put it into
_ROLES = {
    "VM.": "HomeostatMachines",
    "Pool.": "HomeostatPool",
    "Datastore.AllocateTemplate": "HomeostatImages",
    "Datastore.": "HomeostatDisks",
    "SDN.": "HomeostatNetwork",
    "Sys.AccessNetwork": "HomeostatDownloads",
    "Sys.Modify": "HomeostatCluster",
    "Sys.Console": "HomeostatCluster",
    "Sys.": "HomeostatHosts",
    "Mapping.": "HomeostatDevices",
}
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
        "VM.Migrate",
        "VM.PowerMgmt",
        "VM.Snapshot",
    }
)


@dataclass(frozen=True, slots=True)
class Need:
    """Privileges on one path, and what they are for; they hold below the path as well, but for ``/``."""

    path: str
    privileges: frozenset[str]
    purpose: str

    @property
    def role(self) -> str:
        """The role that the commands make for them."""
        return role(self.privileges)


def needs(definition: Definition) -> Sequence[Need]:
    """What the token needs for everything that ``definition`` wants, at the narrowest paths that suffice.

    Machines are created and destroyed, and Proxmox forgets permissions on a machine with the machine, so
    these lie on the pool, or on all machines when no pool is named.
    """
    pool = definition.proxmox.pool
    return [
        Need(machines_path(definition), MACHINES, "make, change, start and remove machines"),
        *(
            [Need(f"/pool/{pool}", frozenset({"Pool.Allocate", "Pool.Audit"}), "fill the pool")]
            if pool
            else []
        ),
        *_storages(definition),
        Need(network_path(definition), frozenset({"SDN.Use"}), "connect machines to the network"),
        *(Need(f"/nodes/{host}", frozenset({"Sys.Audit"}), "see a host's load") for host in definition.hosts),
        Need(f"/nodes/{definition.template_host}", frozenset({"Sys.AccessNetwork"}), "download the image"),
        *(
            Need(f"/mapping/pci/{name}", frozenset({"Mapping.Use"}), "pass a device through")
            for name in sorted({node.gpu.mapping for node in definition.nodes if node.gpu})
        ),
        *_cluster(definition),
    ]


def by_path(definition: Definition) -> Mapping[str, frozenset[str]]:
    """The privileges that :func:`needs` come to on each path."""
    found: dict[str, frozenset[str]] = {}
    for need in needs(definition):
        found[need.path] = found.get(need.path, frozenset()) | need.privileges
    return found


def machines_path(definition: Definition) -> str:
    """Where the privileges on machines lie."""
    return f"/pool/{definition.proxmox.pool}" if definition.proxmox.pool else "/vms"


def network_path(definition: Definition) -> str:
    """Where the right to use the bridge (and its VLAN) lies."""
    bridge = f"/sdn/zones/localnetwork/{definition.proxmox.bridge}"
    return f"{bridge}/{definition.proxmox.vlan}" if definition.proxmox.vlan else bridge


def role(privileges: Iterable[str]) -> str:
    """The role that holds ``privileges``, after the first of them in the table that is among them."""
    wanted = sorted(privileges)
    found = (name for start, name in _ROLES.items() if any(one.startswith(start) for one in wanted))
    return next(found, "HomeostatMore")


def grant(path: str, privileges: Iterable[str], token: str) -> str:
    """The command, run on a Proxmox host as root, that adds ``privileges`` on ``path``.

    A token's rights are at most its user's, so both are named. What lies on a path replaces what it inherits,
    so rights on one machine are given on all of them, where the others are.
    """
    wanted = sorted(privileges)
    name, listed = role(wanted), ",".join(wanted)
    at = "/vms" if path.startswith("/vms/") else path
    return (
        f"pveum role modify {name} --privs {listed} --append 1 || pveum role add {name} --privs {listed}; "
        f"{_placing(at, name, token)}"
    )


def commands(definition: Definition) -> Sequence[str]:
    """The commands, run once on a Proxmox host as root, that make the token and give it what it needs."""
    token = definition.proxmox.token.id
    user, _, name = token.partition("!")
    roles: dict[str, frozenset[str]] = {}
    for need in needs(definition):
        roles[need.role] = roles.get(need.role, frozenset()) | need.privileges
    places = dict.fromkeys((need.path, need.role) for need in needs(definition))
    return [
        f"pveum user add {user}",
        f"pveum user token add {user} {name} --privsep 1",
        *(f"pveum role add {one} --privs {','.join(sorted(names))}" for one, names in roles.items()),
        *(_placing(path, one, token) for path, one in places),
    ]


def _placing(path: str, name: str, token: str) -> str:
    alone = " --propagate 0" if path == "/" else ""
    user = token.partition("!")[0]
    return f"pveum acl modify {path} --roles {name} --users '{user}' --tokens '{token}'{alone}"


def _storages(definition: Definition) -> Iterable[Need]:
    for storage in definition.disk_storages:
        disks = frozenset({"Datastore.AllocateSpace", "Datastore.Audit"})
        yield Need(f"/storage/{storage}", disks, "make disks")
    images = frozenset({"Datastore.AllocateTemplate", "Datastore.Audit"})
    yield Need(f"/storage/{definition.proxmox.template.image_storage}", images, "keep the image")


def _cluster(definition: Definition) -> Iterable[Need]:
    # a start order changes how a host behaves, and Proxmox checks it there
    yield Need("/", frozenset({"Sys.Modify"}), "say in which order machines start with their host")
    if any(node.ha for node in definition.nodes):
        # Proxmox checks Sys.Console for every change of the HA manager
        yield Need("/", frozenset({"Sys.Audit", "Sys.Console"}), "have machines managed by HA")
