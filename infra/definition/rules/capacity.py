"""What the Proxmox hosts can give, and the least that a node can do with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from infra.definition.draft import Draft
from infra.definition.machines import Node, PhysicalHost, Role
from infra.definition.values import GIB, MIB, shown_size

#: Proxmox itself needs 2 GiB for the system and its services (its guide, "System Requirements")
HOST_RESERVE_BYTES = 2 * GIB
#: by role: what K3s asks for a server (2 GiB) and an agent (512 MiB), the latter with the platform's own pods
LEAST_MEMORY: Mapping[Role, int] = {Role.SERVER: 2 * GIB, Role.AGENT: GIB}
#: the cloud image unpacks to 3 GiB; K3s, its images and a day's logs need as much again
LEAST_DISK_BYTES = 8 * GIB


def least(draft: Draft) -> Iterator[str]:
    """Each node has what K3s can't do without."""
    for label, node in draft.nodes.items():
        if node.memory < LEAST_MEMORY[node.role]:
            yield (
                f"'nodes.{label}.memory' is {shown_size(node.memory)}: K3s needs at least "
                f"{shown_size(LEAST_MEMORY[node.role])} for role {node.role.value}."
            )
        if node.disk < LEAST_DISK_BYTES:
            yield (
                f"'nodes.{label}.disk' is {shown_size(node.disk)}: the system, K3s and its images need at "
                f"least {shown_size(LEAST_DISK_BYTES)}."
            )


def balloon(draft: Draft) -> Iterator[str]:
    """What remains of a node when its host is short is not more than it has, and still enough."""
    for label, node in draft.nodes.items():
        if node.memory_minimum is None:
            continue
        field, shown = f"nodes.{label}.memory_minimum", shown_size(node.memory_minimum)
        if node.memory_minimum > node.memory:
            yield f"'{field}' is {shown}: it must not be more than 'memory' ({shown_size(node.memory)})."
        elif node.memory_minimum < LEAST_MEMORY[node.role] <= node.memory:
            yield (
                f"'{field}' is {shown}: K3s needs at least {shown_size(LEAST_MEMORY[node.role])} "
                f"for role {node.role.value}."
            )


def hosts(draft: Draft) -> Iterator[str]:
    """Where hosts are described, nodes name one of them and fit on it."""
    if draft.proxmox is None or not draft.proxmox.hosts:
        return
    known = draft.proxmox.hosts
    yield from _unknown(draft, known)
    placed: dict[str, list[Node]] = defaultdict(list)
    for label, node in draft.nodes.items():
        if host := known.get(node.host):
            placed[node.host].append(node)
            yield from _cores(label, node, host)
    for name, nodes in placed.items():
        yield from _memory(name, known[name], nodes)


def _unknown(draft: Draft, known: Mapping[str, PhysicalHost]) -> Iterator[str]:
    named = {f"nodes.{label}.host": node.host for label, node in draft.nodes.items()}
    if draft.proxmox and draft.proxmox.template.host:
        named["proxmox.template.host"] = draft.proxmox.template.host
    for field, host in named.items():
        if host not in known:
            yield f"'{field}' is '{host}': 'proxmox.hosts' knows only {', '.join(sorted(known))}."


def _cores(label: str, node: Node, host: PhysicalHost) -> Iterator[str]:
    if host.cores is not None and node.cores > host.cores:
        yield (
            f"'nodes.{label}.cores' is {node.cores}: host '{node.host}' has {host.cores}, "
            "and Proxmox starts no machine with more."
        )


def _memory(name: str, host: PhysicalHost, nodes: list[Node]) -> Iterator[str]:
    wanted = sum(node.guaranteed_bytes for node in nodes)
    free = host.memory - HOST_RESERVE_BYTES
    if wanted > free:
        which = ", ".join(node.name for node in nodes)
        yield (
            f"'proxmox.hosts.{name}.memory' is {shown_size(host.memory)}: its nodes ({which}) need "
            f"{shown_size(wanted)} and Proxmox itself {shown_size(HOST_RESERVE_BYTES)}, which is "
            f"{_rounded(wanted - free)} too much."
        )


def _rounded(size_bytes: int) -> str:
    return shown_size(-(-size_bytes // MIB) * MIB)
