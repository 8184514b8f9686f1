"""The evaluator against the examples of Kubernetes' documentation, and what must hold for all policies."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.netpol.endpoints import NAME_LABEL, Connection, Endpoint, Node, Outside, Pod, Port
from tests.netpol.evaluation import isolated, judge
from tests.netpol.policy import Direction, Policy

NAMESPACES = ("blue", "green")
NODE = Node("node", ip_address("192.0.2.1"))
OTHER_NODE = Node("other-node", ip_address("192.0.2.2"))
INTERNET = Outside(ip_address("203.0.113.7"))


def pod(namespace: str, name: str, address: str = "10.42.0.9", **labels: str) -> Pod:
    return Pod(
        namespace=namespace,
        name=name,
        labels=labels,
        namespace_labels={NAME_LABEL: namespace, "color": namespace},
        address=ip_address(address),
        ports={"http": Port(8080), "dns": Port(53, "UDP")},
        node="node",
    )


def policy(spec: dict[str, Any], namespace: str = "blue") -> Policy:
    return Policy.parse({"metadata": {"namespace": namespace, "name": "policy"}, "spec": spec})


SERVER = pod("blue", "server", "10.42.0.10", app="server")
CLIENT = pod("blue", "client", "10.42.0.11", app="client")
STRANGER = pod("green", "stranger", "10.42.0.12", app="client")
DENY = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def passes(source: Endpoint, destination: Endpoint, *specs: dict[str, Any], port: Port | int = 8080) -> bool:
    wanted = port if isinstance(port, Port) else Port(port)
    return judge(Connection(source, destination, wanted), [policy(spec) for spec in specs]).allowed


def ingress_from(*peers: dict[str, Any], **more: Any) -> dict[str, Any]:
    rule = {"from": list(peers), **more} if peers else dict(more)
    return {"podSelector": {"matchLabels": {"app": "server"}}, "policyTypes": ["Ingress"], "ingress": [rule]}


def egress_to(*peers: dict[str, Any], **more: Any) -> dict[str, Any]:
    rule = {"to": list(peers), **more} if peers else dict(more)
    return {"podSelector": {"matchLabels": {"app": "client"}}, "policyTypes": ["Egress"], "egress": [rule]}


ALL_CLIENTS = {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "client"}}}


def test_without_policies_everyone_reaches_everyone() -> None:
    assert passes(CLIENT, SERVER)
    assert passes(INTERNET, SERVER)
    assert passes(SERVER, INTERNET)


def test_default_deny_stops_both_directions() -> None:
    assert not passes(CLIENT, SERVER, DENY)
    assert not passes(INTERNET, SERVER, DENY)
    assert not passes(SERVER, INTERNET, DENY)


def test_a_policy_is_about_its_own_namespace_alone() -> None:
    assert passes(pod("green", "a"), pod("green", "b", "10.42.0.13"), DENY)
    assert not passes(STRANGER, SERVER, DENY)


def test_a_direction_that_no_policy_names_stays_open() -> None:
    assert not passes(CLIENT, SERVER, {"podSelector": {}, "policyTypes": ["Ingress"]})
    assert passes(CLIENT, STRANGER, {"podSelector": {}, "policyTypes": ["Ingress"]})
    assert not passes(CLIENT, STRANGER, {"podSelector": {}, "policyTypes": ["Egress"]})


def test_without_types_ingress_is_meant_and_egress_only_with_rules() -> None:
    assert policy({"podSelector": {}}).directions == {Direction.INGRESS}
    assert policy({"podSelector": {}, "egress": []}).directions == {Direction.INGRESS}
    assert policy({"podSelector": {}, "egress": [{}]}).directions == set(Direction)


def test_an_empty_rule_allows_everything_and_no_rules_nothing() -> None:
    assert passes(INTERNET, SERVER, ingress_from())
    assert not passes(INTERNET, SERVER, {**ingress_from(), "ingress": []})


def test_a_pod_selector_alone_means_the_policys_own_namespace() -> None:
    spec = ingress_from({"podSelector": {"matchLabels": {"app": "client"}}})
    assert passes(CLIENT, SERVER, spec)
    assert not passes(STRANGER, SERVER, spec)


def test_a_namespace_selector_alone_means_all_of_its_pods() -> None:
    spec = ingress_from({"namespaceSelector": {"matchLabels": {NAME_LABEL: "green"}}})
    assert passes(STRANGER, SERVER, spec)
    assert not passes(CLIENT, SERVER, spec)


def test_both_selectors_in_one_entry_must_hold_and_in_two_either() -> None:
    green = {"namespaceSelector": {"matchLabels": {"color": "green"}}}
    servers = {"podSelector": {"matchLabels": {"app": "server"}}}
    assert not passes(STRANGER, SERVER, ingress_from({**green, **servers}))
    assert passes(STRANGER, SERVER, ingress_from(green, servers))


def test_blocks_are_addresses_less_some() -> None:
    block = {"ipBlock": {"cidr": "203.0.113.0/24", "except": ["203.0.113.128/25"]}}
    assert passes(INTERNET, SERVER, ingress_from(block))
    assert not passes(Outside(ip_address("203.0.113.200")), SERVER, ingress_from(block))
    assert not passes(CLIENT, SERVER, ingress_from(block))
    assert not passes(Outside(ip_address("2001:db8::1")), SERVER, ingress_from(block))


def test_a_block_around_the_pods_addresses_lets_pods_in() -> None:
    assert passes(CLIENT, SERVER, ingress_from({"ipBlock": {"cidr": "0.0.0.0/0"}}))


def test_ports_are_numbers_ranges_names_or_a_whole_protocol() -> None:
    def at(**port: Any) -> dict[str, Any]:
        return ingress_from(ALL_CLIENTS, ports=[port])

    assert passes(CLIENT, SERVER, at(port=8080))
    assert not passes(CLIENT, SERVER, at(port=8081))
    assert passes(CLIENT, SERVER, at(port=8000, endPort=8080))
    assert not passes(CLIENT, SERVER, at(port=8000, endPort=8079))
    assert passes(CLIENT, SERVER, at(port="http"))
    assert not passes(CLIENT, SERVER, at(port="metrics"))
    assert not passes(CLIENT, SERVER, at(protocol="UDP"))
    assert passes(CLIENT, SERVER, at(protocol="UDP"), port=Port(5353, "UDP"))


def test_a_named_port_has_a_protocol() -> None:
    spec = ingress_from(ALL_CLIENTS, ports=[{"port": "dns"}])
    assert not passes(CLIENT, SERVER, spec, port=53)
    udp = ingress_from(ALL_CLIENTS, ports=[{"port": "dns", "protocol": "UDP"}])
    assert passes(CLIENT, SERVER, udp, port=Port(53, "UDP"))


def test_a_named_port_of_egress_is_looked_up_at_the_destination() -> None:
    spec = egress_to({"podSelector": {}}, ports=[{"port": "http"}])
    assert passes(CLIENT, SERVER, spec)
    assert not passes(CLIENT, INTERNET, egress_to(ports=[{"port": "http"}]))


def test_both_ends_must_allow() -> None:
    assert not passes(CLIENT, SERVER, DENY, ingress_from(ALL_CLIENTS))
    assert not passes(CLIENT, SERVER, DENY, egress_to({"podSelector": {}}))
    assert passes(CLIENT, SERVER, DENY, ingress_from(ALL_CLIENTS), egress_to({"podSelector": {}}))


def test_a_pod_reaches_itself_and_its_own_node_whatever_policies_say() -> None:
    assert passes(SERVER, SERVER, DENY)
    assert passes(NODE, SERVER, DENY)
    assert passes(SERVER, NODE, DENY)
    assert not passes(OTHER_NODE, SERVER, DENY)


def test_the_verdict_says_why() -> None:
    (said,) = [judge(Connection(CLIENT, SERVER, Port(80)), [policy(DENY)]).sentence]
    assert said == (
        "blue/client to blue/server at TCP 80: the egress of blue/client is isolated by policy, and none of"
        " them allows it."
    )


def test_an_unknown_operator_is_an_error() -> None:
    spec = {"podSelector": {"matchExpressions": [{"key": "app", "operator": "Equals"}]}}
    with pytest.raises(ValueError, match="'Equals' is no operator"):
        passes(CLIENT, SERVER, spec)


# What must hold for all policies. The worlds are small, so that policies often hit.
labels = st.dictionaries(st.sampled_from(["app", "role"]), st.sampled_from(["a", "b"]))
expressions = st.one_of(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(["app", "role"]),
            "operator": st.sampled_from(["In", "NotIn"]),
            "values": st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=2),
        }
    ),
    st.fixed_dictionaries(
        {"key": st.sampled_from(["app", "role"]), "operator": st.sampled_from(["Exists", "DoesNotExist"])}
    ),
)
selectors = st.fixed_dictionaries(
    {}, optional={"matchLabels": labels, "matchExpressions": st.lists(expressions, max_size=2)}
)
namespace_selectors = st.one_of(
    st.just({}), st.sampled_from(NAMESPACES).map(lambda name: {"matchLabels": {NAME_LABEL: name}})
)
peers = st.one_of(
    st.fixed_dictionaries({"podSelector": selectors}, optional={"namespaceSelector": namespace_selectors}),
    st.fixed_dictionaries({"namespaceSelector": namespace_selectors}),
    st.sampled_from(["0.0.0.0/0", "10.42.0.0/16", "203.0.113.0/24"]).map(
        lambda cidr: {"ipBlock": {"cidr": cidr}}
    ),
)
ports = st.fixed_dictionaries(
    {},
    optional={
        "protocol": st.sampled_from(["TCP", "UDP"]),
        "port": st.sampled_from([53, 8080, "http", "dns"]),
    },
)


def rules(key: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {}, optional={key: st.lists(peers, max_size=2), "ports": st.lists(ports, max_size=2)}
    )


policies = st.builds(
    policy,
    st.fixed_dictionaries(
        {"podSelector": selectors},
        optional={
            "policyTypes": st.sampled_from([["Ingress"], ["Egress"], ["Ingress", "Egress"]]),
            "ingress": st.lists(rules("from"), max_size=2),
            "egress": st.lists(rules("to"), max_size=2),
        },
    ),
    namespace=st.sampled_from(NAMESPACES),
)
pods = st.builds(
    lambda namespace, found, number: pod(namespace, f"p{number}", f"10.42.1.{number}", **found),
    st.sampled_from(NAMESPACES),
    labels,
    st.integers(1, 250),
)
endpoints = st.one_of(pods, pods, st.just(INTERNET), st.just(OTHER_NODE))
connections = st.builds(
    Connection, endpoints, endpoints, st.sampled_from([Port(8080), Port(53, "UDP"), Port(9999)])
)
worlds = st.lists(policies, max_size=4)


@given(connections, worlds)
def test_the_order_of_policies_does_not_matter(connection: Connection, world: Sequence[Policy]) -> None:
    assert judge(connection, world).allowed == judge(connection, world[::-1]).allowed


@given(connections, worlds, policies)
def test_a_policy_takes_nothing_away_from_ends_that_are_isolated_already(
    connection: Connection, world: Sequence[Policy], added: Policy
) -> None:
    ends = ((connection.source, Direction.EGRESS), (connection.destination, Direction.INGRESS))
    closed = all(not isinstance(end, Pod) or isolated(end, direction, world) for end, direction in ends)
    if closed and judge(connection, world).allowed:
        assert judge(connection, [*world, added]).allowed


@given(connections, worlds, policies)
def test_a_policy_opens_nothing_at_ends_that_were_open(
    connection: Connection, world: Sequence[Policy], added: Policy
) -> None:
    """The first policy at an end can only take away; more than it adds only where others isolate."""
    ends = ((connection.source, Direction.EGRESS), (connection.destination, Direction.INGRESS))
    open_ends = not any(isinstance(end, Pod) and isolated(end, direction, world) for end, direction in ends)
    if open_ends:
        assert judge(connection, world).allowed
        assert judge(connection, [*world, added]).allowed <= judge(connection, world).allowed


@given(connections)
def test_nothing_passes_where_all_is_denied(connection: Connection) -> None:
    denied = [policy(DENY, namespace) for namespace in NAMESPACES]
    touches_a_pod = isinstance(connection.source, Pod) or isinstance(connection.destination, Pod)
    itself = connection.source == connection.destination
    assert judge(connection, denied).allowed == (itself or not touches_a_pod)


@given(connections, worlds)
def test_a_policy_without_rules_changes_nothing_where_all_is_denied(
    connection: Connection, world: Sequence[Policy]
) -> None:
    denied = [policy(DENY, namespace) for namespace in NAMESPACES]
    assert (
        judge(connection, [*denied, *world]).allowed == judge(connection, [*denied, *world, *denied]).allowed
    )


@given(connections, worlds)
def test_denial_everywhere_leaves_only_what_policies_name(
    connection: Connection, world: Sequence[Policy]
) -> None:
    denied = [policy(DENY, namespace) for namespace in NAMESPACES]
    if judge(connection, [*denied, *world]).allowed:
        assert judge(connection, world).allowed


@given(connections, worlds)
def test_a_connection_passes_only_if_both_ends_would_pass_it_alone(
    connection: Connection, world: Sequence[Policy]
) -> None:
    def about(direction: Direction) -> list[Policy]:
        return [
            Policy(found.namespace, found.name, found.pods, found.directions & {direction}, found.rules)
            for found in world
        ]

    both = (
        judge(connection, about(Direction.INGRESS)).allowed
        and judge(connection, about(Direction.EGRESS)).allowed
    )
    assert judge(connection, world).allowed == both
