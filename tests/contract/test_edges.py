"""What the NetworkPolicies let pass is what the table of edges names: no less, and no more for any pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import permutations

import pytest

from tests.contract.edges import EDGES, Edge, expected
from tests.contract.not_rendered import PODS_OF_CHARTS
from tests.contract.overlays import ENVIRONMENTS, overlays
from tests.contract.rendering import workshop
from tests.netpol.endpoints import Connection, Endpoint, Pod, Port
from tests.netpol.evaluation import judge
from tests.netpol.policy import Policy
from tests.netpol.world import HOST, INTERNET, OTHER_NODES, World, world

pytestmark = pytest.mark.go

#: asked besides the ports that containers declare and the table names: one that nobody uses, and common ones
COMMON_PORTS = frozenset({Port(1), Port(22), Port(80), Port(443), Port(53), Port(53, "UDP"), Port(6443)})
STATED = [(environment, found) for found in EDGES for environment in found.environments]


@cache
def rendered(environment: str) -> World:
    objects = [found for overlay in overlays(environment) for found in workshop().attempt(overlay)]
    return world([*objects, *PODS_OF_CHARTS.get(environment, ())])


@cache
def endpoints(environment: str) -> Mapping[str, Endpoint]:
    outside: dict[str, Endpoint] = {"node": OTHER_NODES[environment], "internet": INTERNET}
    if environment == "local":
        outside["host"] = HOST
    return {**rendered(environment).pods, **outside}


@pytest.mark.parametrize(("environment", "needed"), STATED, ids=str)
def test_a_needed_edge_passes(environment: str, needed: Edge) -> None:
    pairs = [
        (source, destination)
        for source in endpoints(environment)
        for destination in endpoints(environment)
        if source != destination and matches(needed, source, destination)
    ]
    assert pairs, f"nobody in {environment} is {needed.source} or {needed.destination}: {needed.sentence}"
    ports = needed.ports or (Port(1),)
    judged = (
        judge(connection(environment, source, destination, port), policies(environment))
        for source, destination in pairs
        for port in ports
    )
    assert [verdict.sentence for verdict in judged if not verdict.allowed] == [], needed.sentence


def matches(needed: Edge, source: str, destination: str) -> bool:
    port = needed.ports[0] if needed.ports else Port(1)
    return needed.covers(source, destination, port)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_prometheus_reaches_all_that_asks_to_be_scraped(environment: str) -> None:
    scraped = [found for found in expected(environment, rendered(environment)) if found not in EDGES]
    assert scraped
    judged = (
        judge(connection(environment, found.source, found.destination, port), policies(environment))
        for found in scraped
        for port in found.ports
    )
    assert [verdict.sentence for verdict in judged if not verdict.allowed] == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nothing_else_passes_between_any_pair(environment: str) -> None:
    assert surplus(environment) == []


def surplus(environment: str) -> Sequence[str]:
    """A line for each pair that may talk at ports which the table does not name."""
    everyone, table = endpoints(environment), expected(environment, rendered(environment))
    lines: list[str] = []
    for (source, one), (destination, other) in permutations(everyone.items(), 2):
        if is_k3s_own(source, destination) or not (isinstance(one, Pod) or isinstance(other, Pod)):
            continue
        passing = [
            port
            for port in asked(environment)
            if not any(found.covers(source, destination, port) for found in table)
            and judge(Connection(one, other, port), policies(environment)).allowed
        ]
        if passing:
            numbers = sorted({port.number for port in passing})
            lines.append(f"{source} to {destination} at {', '.join(map(str, numbers))}")
    return lines


def is_k3s_own(source: str, destination: str) -> bool:
    """The cluster's DNS comes with the cluster; what it asks, and nodes ask it, is not for our policies."""
    return source == "kube-system/dns" or (destination == "kube-system/dns" and "/" not in source)


def asked(environment: str) -> frozenset[Port]:
    declared = {port for ports in rendered(environment).declared.values() for port in ports}
    return frozenset(declared | {port for found in EDGES for port in found.ports} | COMMON_PORTS)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_pod_lives_in_the_hosts_network_where_no_policy_reaches(environment: str) -> None:
    assert rendered(environment).on_host == frozenset()


def connection(environment: str, source: str, destination: str, port: Port) -> Connection:
    everyone = endpoints(environment)
    return Connection(everyone[source], everyone[destination], port)


def policies(environment: str) -> Sequence[Policy]:
    return rendered(environment).policies
