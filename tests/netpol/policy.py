"""A NetworkPolicy (networking.k8s.io/v1), read from its manifest with the defaults that the API gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from tests.netpol.endpoints import Endpoint, Pod, Port
from tests.netpol.selectors import Selector

Network = IPv4Network | IPv6Network


class Direction(StrEnum):
    """What a policy isolates: each direction by itself."""

    INGRESS = "Ingress"
    EGRESS = "Egress"


@dataclass(frozen=True, slots=True)
class PodPeer:
    """Pods by their labels; without a namespace selector those of the policy's own namespace."""

    pods: Selector
    namespaces: Selector | None = None

    def includes(self, other: Endpoint, namespace: str) -> bool:
        """Whether ``other`` is one of them, for a policy of ``namespace``."""
        if not isinstance(other, Pod) or not self.pods.selects(other.labels):
            return False
        if self.namespaces is None:
            return other.namespace == namespace
        return self.namespaces.selects(other.namespace_labels)


@dataclass(frozen=True, slots=True)
class Block:
    """Addresses, less some. It holds for pods too, if theirs lie in it: no plugin need tell them apart."""

    network: Network
    but: tuple[Network, ...] = ()

    def includes(self, other: Endpoint, namespace: str) -> bool:
        """Whether the address of ``other`` is one of them."""
        address = other.address
        if address is None or address.version != self.network.version:
            return False
        return address in self.network and not any(address in left_out for left_out in self.but)


Peer = PodPeer | Block


@dataclass(frozen=True, slots=True)
class PortMatch:
    """A port by number, range or name, or every port of a protocol."""

    protocol: str
    port: int | str | None = None
    end: int | None = None

    def covers(self, port: Port, destination: Endpoint) -> bool:
        """Whether the connection's port is covered; a name is looked up at the pod that is connected to."""
        if self.protocol != port.protocol:
            return False
        if self.port is None:
            return True
        if isinstance(self.port, str):
            return isinstance(destination, Pod) and destination.ports.get(self.port) == port
        return self.port <= port.number <= (self.end or self.port)


@dataclass(frozen=True, slots=True)
class Rule:
    """Some peers at some ports; no peers are all peers, no ports all ports."""

    peers: tuple[Peer, ...] = ()
    ports: tuple[PortMatch, ...] = ()

    def allows(self, other: Endpoint, port: Port, destination: Endpoint, namespace: str) -> bool:
        """Whether it lets ``other`` and the selected pod talk at ``port`` of ``destination``."""
        peer = not self.peers or any(peer.includes(other, namespace) for peer in self.peers)
        return peer and (not self.ports or any(match.covers(port, destination) for match in self.ports))


@dataclass(frozen=True, slots=True)
class Policy:
    """Which pods it isolates in which directions, and what it allows them then."""

    namespace: str
    name: str
    pods: Selector
    directions: frozenset[Direction]
    rules: Mapping[Direction, tuple[Rule, ...]]

    @classmethod
    def parse(cls, manifest: Mapping[str, Any]) -> Policy:
        """Read it from a manifest."""
        spec = manifest["spec"]
        rules = {
            Direction.INGRESS: _rules(spec.get("ingress"), "from"),
            Direction.EGRESS: _rules(spec.get("egress"), "to"),
        }
        implied = {Direction.INGRESS} | ({Direction.EGRESS} if rules[Direction.EGRESS] else set())
        return cls(
            namespace=manifest["metadata"]["namespace"],
            name=manifest["metadata"]["name"],
            pods=Selector.parse(spec.get("podSelector") or {}),
            directions=frozenset(Direction(name) for name in spec.get("policyTypes") or implied),
            rules=rules,
        )

    def isolates(self, pod: Pod, direction: Direction) -> bool:
        """Whether it selects the pod and speaks about the direction."""
        return (
            direction in self.directions and pod.namespace == self.namespace and self.pods.selects(pod.labels)
        )

    def allows(self, direction: Direction, other: Endpoint, port: Port, destination: Endpoint) -> bool:
        """Whether one of its rules allows it, for a pod that it isolates."""
        return any(rule.allows(other, port, destination, self.namespace) for rule in self.rules[direction])


def _rules(content: Sequence[Mapping[str, Any]] | None, peers: str) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            tuple(_peer(entry) for entry in rule.get(peers) or ()),
            tuple(
                PortMatch(entry.get("protocol") or "TCP", entry.get("port"), entry.get("endPort"))
                for entry in rule.get("ports") or ()
            ),
        )
        for rule in content or ()
    )


def _peer(content: Mapping[str, Any]) -> Peer:
    if block := content.get("ipBlock"):
        return Block(ip_network(block["cidr"]), tuple(ip_network(cidr) for cidr in block.get("except") or ()))
    pods, namespaces = content.get("podSelector"), content.get("namespaceSelector")
    return PodPeer(Selector.parse(pods or {}), None if namespaces is None else Selector.parse(namespaces))
