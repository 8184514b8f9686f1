"""Who talks to whom: pods, the nodes that they run on, and addresses outside of the cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address

from tests.netpol.selectors import Labels

Address = IPv4Address | IPv6Address
#: the label that the API server gives to every namespace
NAME_LABEL = "kubernetes.io/metadata.name"


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a connection or of a container."""

    number: int
    protocol: str = "TCP"


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod in a network of its own. One in the host's network is the Node: no policy is about it."""

    namespace: str
    name: str
    labels: Labels
    namespace_labels: Labels
    address: Address | None = None
    #: named ports of its containers
    ports: Mapping[str, Port] = field(default_factory=dict)
    node: str | None = None

    def __str__(self) -> str:
        """As sentences call it."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class Node:
    """A machine of the cluster, with all that runs in its own network."""

    name: str
    address: Address

    def __str__(self) -> str:
        """As sentences call it."""
        return f"the node {self.name}"


@dataclass(frozen=True, slots=True)
class Outside:
    """An address that is neither a pod's nor a node's."""

    address: Address

    def __str__(self) -> str:
        """As sentences call it."""
        return str(self.address)


Endpoint = Pod | Node | Outside


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection that somebody opens. Behind a Service, ``destination`` and ``port`` are the pod's."""

    source: Endpoint
    destination: Endpoint
    port: Port

    def __str__(self) -> str:
        """As sentences call it."""
        return f"{self.source} to {self.destination} at {self.port.protocol} {self.port.number}"
