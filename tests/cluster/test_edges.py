"""Every connection that was made in the running cluster is one that its NetworkPolicies allow.

Nothing on this machine enforces NetworkPolicies, so that a missing edge would first be noticed in the
homelab. Here the kernel tells which connections there were, and each is judged by the policies that the
cluster holds.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest

from infra.local.place import NAMESPACE, NODE_NAME, POD_NETWORK, SERVICE_NETWORK
from tests.cluster.live import Live, eventually
from tests.netpol.endpoints import Connection, Pod, Port
from tests.netpol.evaluation import judge
from tests.netpol.flows import AddressBook, parse_flows
from tests.netpol.policy import Policy

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

#: connections that the platform makes by itself within minutes: source and destination (of their names), port
HEARTBEATS = (
    ("prometheus", "alertmanager", 9093),
    ("prometheus", "node-exporter", 9100),
    ("prometheus", "predictor", 8080),
    ("prometheus", "triage", 8090),
    ("alertmanager", "triage", 8090),
    ("argocd-application-controller", "argocd-repo-server", 8081),
)


@dataclass
class Watch:
    """What was seen so far: the table forgets a connection minutes after its end."""

    live: Live
    seen: dict[str, Connection] = field(default_factory=dict)

    def look(self) -> Sequence[Connection]:
        """Take in what the kernel's table holds now; return all that was ever seen."""
        pods, namespaces = self.live.items("pods", "--all-namespaces"), self.live.items("namespaces")
        book = AddressBook.of(pods, namespaces, json.loads(inside("ip", "-json", "address")), NODE_NAME)
        flows = parse_flows(inside("cat", "/proc/net/nf_conntrack"))
        self.seen.update({str(one): one for one in book.connections(flows) if not is_nobodys(one)})
        return tuple(self.seen.values())


def inside(*command: str) -> str:
    """What a command prints in the cluster's network namespace."""
    namespace = f"/var/run/netns/{NAMESPACE}"
    return subprocess.run(
        ["nsenter", f"--net={namespace}", *command], capture_output=True, text=True, timeout=30, check=True
    ).stdout


def is_nobodys(one: Connection) -> bool:
    """Whether an end is a Service without pods, or a pod that is gone: nobody knows its labels now."""
    networks = [ip_network(SERVICE_NETWORK), ip_network(POD_NETWORK)]
    ends = [address for end in (one.source, one.destination) if (address := bare_address(str(end)))]
    return any(address in network for address in ends for network in networks)


def bare_address(end: str) -> IPv4Address | IPv6Address | None:
    """The address of an end that has no name."""
    try:
        return ip_address(end)
    except ValueError:
        return None


@pytest.fixture(scope="module")
def watch(live: Live) -> Watch:
    return Watch(live)


@pytest.fixture
def policies(live: Live) -> Sequence[Policy]:
    return [Policy.parse(found) for found in live.items("networkpolicies", "--all-namespaces")]


def was_seen(connections: Sequence[Connection], source: str, destination: str, port: int) -> bool:
    return any(
        source in str(one.source) and destination in str(one.destination) and one.port.number == port
        for one in connections
    )


def test_every_connection_that_was_made_is_allowed(watch: Watch, policies: Sequence[Policy]) -> None:
    def all_heartbeats() -> bool:
        return all(was_seen(watch.look(), *heartbeat) for heartbeat in HEARTBEATS)

    eventually(all_heartbeats)

    verdicts = [judge(one, policies) for one in watch.look()]
    assert len(verdicts) >= len(HEARTBEATS)
    assert [verdict.sentence for verdict in verdicts if not verdict.allowed] == []


def test_every_namespace_with_pods_is_closed_by_default(live: Live, policies: Sequence[Policy]) -> None:
    ours = {
        found["metadata"]["namespace"]
        for found in live.items("pods", "--all-namespaces")
        if found["metadata"]["namespace"] not in {"kube-system", "local-path-storage"}
    }
    closed = {
        policy.namespace
        for policy in policies
        if not policy.pods.requirements and len(policy.directions) == 2 and not any(policy.rules.values())
    }
    assert ours - closed == set()


@pytest.mark.parametrize("source", ["model-phishing_detector", "api-keys", "alertmanager", "node-exporter"])
def test_what_has_no_business_with_mlflow_is_refused(
    live: Live, policies: Sequence[Policy], source: str
) -> None:
    """By evaluation of the cluster's policies and pods: no engine here would refuse it for real."""
    pods, namespaces = live.items("pods", "--all-namespaces"), live.items("namespaces")
    book = AddressBook.of(pods, namespaces, json.loads(inside("ip", "-json", "address")), NODE_NAME)
    one, mlflow = pod_called(book, source), pod_called(book, "mlflow")
    verdict = judge(Connection(one, mlflow, Port(5000)), policies)
    assert not verdict.allowed, verdict.sentence


def pod_called(book: AddressBook, name: str) -> Pod:
    return next(found for found in book.pods.values() if found.labels.get("app.kubernetes.io/name") == name)
