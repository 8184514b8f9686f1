"""Connections that really happened, from the kernel's table of them (``/proc/net/nf_conntrack``)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from tests.netpol.endpoints import NAME_LABEL, Address, Connection, Endpoint, Node, Outside, Pod, Port

#: ICMP and the like have no ports, and NetworkPolicies say nothing about them
_PROTOCOLS = {"tcp": "TCP", "udp": "UDP", "sctp": "SCTP"}
_ENTRY = re.compile(r"\S+\s+\d+\s+(?P<protocol>\w+)\s")
_FIELD = re.compile(r"\b(src|dst|sport|dport)=(\S+)")


@dataclass(frozen=True, slots=True)
class Flow:
    """Who opened a connection, and to whom it was led: behind a Service, to one of its pods."""

    source: Address
    destination: Address
    port: Port


def parse_flows(table: str) -> frozenset[Flow]:
    """The connections in the table; an answer's direction tells where a translated one really went.

    >>> line = (
    ...     "ipv4 2 tcp 6 86 TIME_WAIT src=10.42.0.5 dst=10.43.0.9 sport=40000 dport=80"
    ...     " src=10.42.0.7 dst=10.42.0.5 sport=8080 dport=40000 [ASSURED] use=1"
    ... )
    >>> [(str(flow.source), str(flow.destination), flow.port.number) for flow in parse_flows(line)]
    [('10.42.0.5', '10.42.0.7', 8080)]
    """
    found: set[Flow] = set()
    for line in table.splitlines():
        entry = _ENTRY.match(line)
        fields = _FIELD.findall(line)
        if entry is None or entry["protocol"] not in _PROTOCOLS or len(fields) != 8:
            continue
        original, reply = dict(fields[:4]), dict(fields[4:])
        port = Port(int(reply["sport"]), _PROTOCOLS[entry["protocol"]])
        found.add(Flow(ip_address(original["src"]), ip_address(reply["src"]), port))
    return frozenset(found)


@dataclass(frozen=True)
class AddressBook:
    """Whose an address is."""

    pods: Mapping[Address, Pod]
    node: Node
    #: all that the node has: its own, the bridge's, loopback
    node_addresses: frozenset[Address]

    @classmethod
    def of(
        cls, pods: Iterable[Any], namespaces: Iterable[Any], addresses: Iterable[Any], node: str
    ) -> AddressBook:
        """From what ``kubectl get pods`` and ``namespaces``, and ``ip -json address``, say."""
        labels = {item["metadata"]["name"]: item["metadata"].get("labels", {}) for item in namespaces}
        own = frozenset(
            ip_address(info["local"]) for interface in addresses for info in interface.get("addr_info", ())
        )
        with_address = [
            item
            for item in pods
            if item["status"].get("podIP")
            and not item["spec"].get("hostNetwork")
            # the address of one that has ended may be another's by now
            and item["status"]["phase"] in {"Pending", "Running"}
        ]
        known = {ip_address(item["status"]["podIP"]): _pod(item, labels, node) for item in with_address}
        return cls(known, Node(node, min(own, key=str)), own)

    def whose(self, address: Address) -> Endpoint:
        """The pod, the node, or just an address."""
        if pod := self.pods.get(address):
            return pod
        return self.node if address in self.node_addresses else Outside(address)

    def connections(self, flows: Iterable[Flow]) -> Sequence[Connection]:
        """The flows that a pod has part in, in a fixed order."""
        named = (
            Connection(self.whose(flow.source), self.whose(flow.destination), flow.port) for flow in flows
        )
        return sorted(
            (one for one in named if isinstance(one.source, Pod) or isinstance(one.destination, Pod)), key=str
        )


def _pod(item: Any, namespaces: Mapping[str, Mapping[str, str]], node: str) -> Pod:
    metadata = item["metadata"]
    namespace = metadata["namespace"]
    declared = [port for container in item["spec"]["containers"] for port in container.get("ports", ())]
    return Pod(
        namespace=namespace,
        name=metadata["name"],
        labels=metadata.get("labels", {}),
        namespace_labels={**namespaces.get(namespace, {}), NAME_LABEL: namespace},
        address=ip_address(item["status"]["podIP"]),
        ports={
            port["name"]: Port(port["containerPort"], port.get("protocol", "TCP"))
            for port in declared
            if "name" in port
        },
        node=node,
    )
