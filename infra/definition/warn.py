"""What a definition may do, but seldom should: told by ``homeostat config check``, and nothing is refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from infra.definition.document import Definition
from infra.definition.machines import Node
from infra.definition.rules.capacity import HOST_RESERVE_BYTES
from infra.definition.values import shown_size


def warnings(definition: Definition) -> Sequence[str]:
    """One sentence for each."""
    return [
        *_servers(definition),
        *_backups(definition),
        *_proxmox(definition),
        *_devices(definition),
        *_overcommitted(definition),
        *_firewall(definition),
    ]


def _servers(definition: Definition) -> Iterator[str]:
    servers = definition.servers
    if len(servers) == 1:
        yield (
            f"'nodes' has one server: while '{servers[0].name}' is away there is no Kubernetes API, "
            "and three servers bear the loss of one."
        )
        return
    hosts = {node.host for node in servers}
    if len(hosts) == 1:
        yield (
            f"all {len(servers)} servers are on '{hosts.pop()}': when this host fails the cluster does; "
            "with servers on three hosts it goes on."
        )
    if definition.network.api_vip is None:
        yield (
            f"'network.api_vip' is missing: the Kubernetes API is asked for at '{servers[0].name}' alone, "
            "so it is away when that server is; name a free address of the network."
        )


def _backups(definition: Definition) -> Iterator[str]:
    if definition.backups is None:
        yield "'backups' is missing: when etcd's disks are lost, so is all that lies only in the cluster."


def _proxmox(definition: Definition) -> Iterator[str]:
    proxmox = definition.proxmox
    if proxmox.token.user == "root@pam":
        yield (
            "'proxmox.token.id' is a token of root@pam: whoever gets it owns the hosts; "
            "make a user with the least privileges for it."
        )
    for place, url in enumerate(proxmox.endpoints):
        if url.port == 443:
            yield (
                f"'proxmox.endpoints.{place}' is '{url}': without a port 443 is asked, and Proxmox answers "
                "at 8006 unless a proxy stands before it."
            )
    if proxmox.clone == "linked":
        yield (
            "'proxmox.clone' is linked: the template can't be removed while its clones live, and clones on "
            "other hosts need a storage that these share."
        )


def _devices(definition: Definition) -> Iterator[str]:
    users: dict[tuple[str, str], list[Node]] = defaultdict(list)
    for node in definition.nodes:
        if node.gpu:
            users[node.host, node.gpu.mapping].append(node)
            if node.memory_minimum is not None:
                yield (
                    f"'nodes.{node.name}.memory_minimum' does nothing: a device that is passed through "
                    "pins all of the machine's memory."
                )
    for (host, mapping), nodes in users.items():
        if len(nodes) > 1:
            names = ", ".join(node.name for node in nodes)
            yield (
                f"{names} take a device of '{mapping}' on '{host}': they only run together when the mapping "
                f"has {len(nodes)} devices there."
            )


def _overcommitted(definition: Definition) -> Iterator[str]:
    for name, host in definition.proxmox.hosts.items():
        wanted = sum(node.memory for node in definition.nodes if node.host == name)
        if wanted > host.memory - HOST_RESERVE_BYTES:
            yield (
                f"the nodes on '{name}' may grow to {shown_size(wanted)} of its {shown_size(host.memory)}: "
                "Proxmox then takes memory back, down to each 'memory_minimum'."
            )


def _firewall(definition: Definition) -> Iterator[str]:
    for place, network in enumerate(definition.firewall.administrators):
        if network.prefixlen == 0:
            yield (
                f"'firewall.administrators.{place}' is {network}: SSH and the API are open to everyone "
                "who can reach them."
            )
