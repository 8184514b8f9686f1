"""The kernel's table of connections, read."""

from __future__ import annotations

from ipaddress import ip_address

from tests.netpol.endpoints import Node, Outside, Pod, Port
from tests.netpol.flows import AddressBook, Flow, parse_flows

TABLE = """\
ipv4     2 tcp      6 431999 ESTABLISHED src=10.42.0.5 dst=10.42.0.7 sport=40000 dport=9100 \
src=10.42.0.7 dst=10.42.0.5 sport=9100 dport=40000 [ASSURED] mark=0 zone=0 use=2
ipv4     2 udp      17 20 src=10.42.0.5 dst=10.43.0.10 sport=5353 dport=53 \
src=10.42.0.3 dst=10.42.0.5 sport=53 dport=5353 mark=0 zone=0 use=2
ipv4     2 tcp      6 110 SYN_SENT src=10.42.0.5 dst=10.42.0.9 sport=40001 dport=80 [UNREPLIED] \
src=10.42.0.9 dst=10.42.0.5 sport=80 dport=40001 mark=0 zone=0 use=2
ipv4     2 icmp     1 20 src=10.42.0.5 dst=10.42.0.7 type=8 code=0 id=1 \
src=10.42.0.7 dst=10.42.0.5 type=0 code=0 id=1
"""


def flow(source: str, destination: str, port: int, protocol: str = "TCP") -> Flow:
    return Flow(ip_address(source), ip_address(destination), Port(port, protocol))


def test_a_service_is_seen_through_and_attempts_count_too() -> None:
    assert parse_flows(TABLE) == {
        flow("10.42.0.5", "10.42.0.7", 9100),
        flow("10.42.0.5", "10.42.0.3", 53, "UDP"),
        flow("10.42.0.5", "10.42.0.9", 80),
    }


def test_ipv6_is_read_as_well() -> None:
    line = (
        "ipv6     10 tcp      6 86 TIME_WAIT src=2001:db8::5 dst=2001:db8::7 sport=40000 dport=80"
        " src=2001:db8::7 dst=2001:db8::5 sport=80 dport=40000 [ASSURED] use=1"
    )
    assert parse_flows(line) == {flow("2001:db8::5", "2001:db8::7", 80)}


def pod(name: str, address: str, phase: str = "Running", **spec: object) -> dict[str, object]:
    return {
        "metadata": {"name": name, "namespace": "mlops", "labels": {"app.kubernetes.io/name": name}},
        "spec": {"containers": [{"ports": [{"name": "http", "containerPort": 80}]}], **spec},
        "status": {"podIP": address, "phase": phase},
    }


BOOK = AddressBook.of(
    [
        pod("mlflow", "10.42.0.5"),
        pod("ended", "10.42.0.6", phase="Succeeded"),
        pod("on-host", "10.99.0.1", hostNetwork=True),
    ],
    [{"metadata": {"name": "mlops", "labels": {"purpose": "record"}}}],
    [{"addr_info": [{"local": "10.99.0.1"}]}, {"addr_info": [{"local": "10.42.0.1"}]}],
    node="homeostat",
)


def test_an_address_is_a_running_pods_the_nodes_or_nobodys() -> None:
    mlflow = BOOK.whose(ip_address("10.42.0.5"))
    assert isinstance(mlflow, Pod)
    assert mlflow.namespace_labels == {"purpose": "record", "kubernetes.io/metadata.name": "mlops"}
    assert mlflow.ports == {"http": Port(80)}
    assert isinstance(BOOK.whose(ip_address("10.42.0.1")), Node)
    assert isinstance(BOOK.whose(ip_address("10.99.0.1")), Node)
    assert BOOK.whose(ip_address("10.42.0.6")) == Outside(ip_address("10.42.0.6"))


def test_flows_without_a_pod_are_nobodys_business() -> None:
    flows = [flow("10.99.0.254", "10.99.0.1", 6443), flow("10.42.0.1", "10.42.0.5", 80)]
    (connection,) = BOOK.connections(flows)
    assert str(connection) == "the node homeostat to mlops/mlflow at TCP 80"
