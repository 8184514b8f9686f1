"""The platform's rule for upgrades of K3s, for tasks; and which nodes an upgrade has yet to bring up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from infra.playbooks.versions import upgrade_mistakes

Nodes = Mapping[str, Mapping[str, Any]]


def k3s_upgrade_mistakes(nodes: Nodes, wanted: Mapping[str, str], servers: Collection[str]) -> Sequence[str]:
    """Why the nodes can't be brought to the wanted versions, one sentence a mistake.

    Args:
        nodes: as the filter ``node_states`` tells them.
        wanted: host -> the version that it should run.
        servers: which of the hosts are servers.
    """
    current = {host: nodes[host]["version"] for host in wanted if host in nodes}
    return upgrade_mistakes(current, wanted, servers)


def k3s_upgrade_open(nodes: Nodes, wanted: Mapping[str, str]) -> Sequence[str]:
    """The hosts that don't run their version yet, or that a run left in the middle."""
    return [
        host
        for host, version in wanted.items()
        if host not in nodes or nodes[host]["version"] != version or nodes[host]["ours"]
    ]


class FilterModule:
    """The filters of this file, by the names that tasks use."""

    def filters(self) -> Mapping[str, Callable[..., Any]]:
        """Name -> filter."""
        return {"k3s_upgrade_mistakes": k3s_upgrade_mistakes, "k3s_upgrade_open": k3s_upgrade_open}
