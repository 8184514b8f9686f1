"""The networks: that of the nodes and those inside of the cluster, apart from each other and with room."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations

from infra.definition.document import Nets
from infra.definition.draft import Draft

#: Kubernetes gives each node a network of this size out of that of the pods
_POD_PREFIX = 24
#: Kubernetes numbers services with at most 20 bits
_WIDEST_SERVICES = 12
#: the cluster's DNS has the tenth address of the services
_NARROWEST_SERVICES = 27


def networks(draft: Draft) -> Iterator[str]:
    """No two networks overlap, and those of the cluster have the room that Kubernetes needs."""
    if draft.network is None:
        return
    yield from _overlaps(draft.network)
    yield from _services(draft.network.services)
    yield from _pods(draft.network.pods, len(draft.roles or draft.nodes))


def _overlaps(network: Nets) -> Iterator[str]:
    named = {"cidr": network.cidr, "pods": network.pods, "services": network.services}
    for (first, one), (second, other) in combinations(named.items(), 2):
        if one.overlaps(other):
            yield (
                f"'network.{second}' is {other}: it overlaps with 'network.{first}' ({one}); "
                "an address must belong to one of them."
            )


def _services(services: IPv4Network) -> Iterator[str]:
    if not _WIDEST_SERVICES <= services.prefixlen <= _NARROWEST_SERVICES:
        yield (
            f"'network.services' is {services}: Kubernetes takes a network between /{_WIDEST_SERVICES} and "
            f"/{_NARROWEST_SERVICES} for services, such as 10.43.0.0/16."
        )


def _pods(pods: IPv4Network, nodes: int) -> Iterator[str]:
    room = 2 ** max(0, _POD_PREFIX - pods.prefixlen) if pods.prefixlen <= _POD_PREFIX else 0
    if room < nodes:
        yield (
            f"'network.pods' is {pods}: each node takes a /{_POD_PREFIX} of it, so it has room for {room} "
            f"of {nodes} node(s); choose a wider one, such as 10.42.0.0/16."
        )
