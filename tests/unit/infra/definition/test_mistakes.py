"""All mistakes of a definition are told at once, each by one sentence, and none because of another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.definition.draft import drafted
from infra.definition.rules.versions import versions
from tests.unit.infra.definition.wanted import SOURCE, content, mistakes, parsed

Content = dict[str, Any]


def _node(place: int, **fields: Any) -> Callable[[Content], None]:
    return lambda found: found["nodes"][place].update(fields)


def _section(name: str, **fields: Any) -> Callable[[Content], None]:
    return lambda found: found[name].update(fields)


#: what it is told by -> one mistake; no two of them touch the same value
INJECTIONS: Mapping[str, Callable[[Content], None]] = {
    "'nodes.server-1.vmid' is 201": _node(1, vmid=201),
    "'nodes.server-2.address' is 192.168.20.1:": _node(2, address="192.168.20.1"),
    "'nodes.agent-0.memory' is 512MiB": _node(3, memory="512MiB"),
    "'nodes.agent-1.labels.kubernetes.io/role'": _node(4, labels={"kubernetes.io/role": "a"}),
    "'nodes.agent-2.colour' is not a known key": _node(5, colour="red"),
    "'nodes.agent-2.k3s_version' is v1.30.0+k3s1": _node(5, k3s_version="v1.30.0+k3s1"),
    "'nodes.agent-1.taints.0.key' is 'a b'": _node(4, taints=[{"key": "a b", "effect": "NoExecute"}]),
    "'nodes.agent-0.cores' is 64": _node(3, cores=64),
    "'nodes.agent-0.disk' is 1GiB": _node(3, disk="1GiB"),
    "'proxmox.endpoints.0' is 'http://": _section("proxmox", endpoints=["http://pve1:8006"]),
    "'proxmox.bridg' is not a known key": _section("proxmox", bridg="vmbr1"),
    "'network.services' is 10.42.0.0/24": _section("network", services="10.42.0.0/24"),
    "'ssh.user' is 'root'": _section("ssh", user="root"),
    "'git.repository' is 'homeostat'": _section("git", repository="homeostat"),
    "'backups.schedule' is 'daily'": _section("backups", schedule="daily"),
    "'backups.keep' is 0": _section("backups", keep=0),
    "'registry.host' is 'http://r'": lambda found: found.update(registry={"host": "http://r"}),
    "'name' is 'Home'": lambda found: found.update(name="Home"),
}
#: the first of a pair hides the second: a section with a mistake of its own is not read any further
HIDES = {"'backups.keep' is 0": "'backups.schedule' is 'daily'"}


def test_a_definition_without_mistakes_is_parsed():
    assert [node.name for node in parsed(content()).servers] == ["server-0", "server-1", "server-2"]


@pytest.mark.parametrize("told", INJECTIONS)
def test_a_single_mistake_is_told_alone_and_by_its_field(told):
    found = content()
    INJECTIONS[told](found)
    (sentence,) = mistakes(found)
    assert sentence.startswith(told)


@given(st.sets(st.sampled_from(sorted(INJECTIONS)), min_size=1))
def test_so_many_mistakes_give_so_many_sentences(chosen):
    chosen = {told for told in chosen if not (set(HIDES) & chosen and told in HIDES.values())}
    found = content()
    for told in sorted(chosen):
        INJECTIONS[told](found)
    sentences = mistakes(found)
    assert len(sentences) == len(chosen)
    assert all(any(sentence.startswith(told) for sentence in sentences) for told in chosen)


@given(st.permutations(range(6)), st.integers(1, 3), st.integers(0, 3))
def test_the_order_of_nodes_makes_no_mistake(order, servers, agents):
    found = content(servers=2 * servers - 1, agents=agents)
    nodes = found["nodes"]
    found["nodes"] = [nodes[place] for place in order if place < len(nodes)] + nodes[6:]
    assert mistakes(found) == ()


@given(st.permutations(range(6)))
def test_the_order_of_nodes_hides_no_mistake(order):
    found = content()
    found["nodes"][4]["address"] = found["nodes"][1]["address"]
    found["nodes"][3]["memory"] = "a lot"
    found["nodes"] = [found["nodes"][place] for place in order]
    told = mistakes(found)
    assert len(told) == 2
    assert any("'nodes.agent-0.memory' is 'a lot'" in sentence for sentence in told)
    assert any(".address' is 192.168.20.12" in sentence for sentence in told)


def test_a_typo_in_one_node_hides_nothing_of_the_others_and_its_role_still_counts():
    found = content(servers=3, agents=0)
    found["nodes"][0]["memry"] = found["nodes"][0].pop("memory")
    found["nodes"][1]["address"] = found["nodes"][2]["address"]
    told = mistakes(found)
    assert sorted(told)[:2] == [
        "'nodes.server-0.memory' is required and is missing.",
        "'nodes.server-0.memry' is not a known key; did you mean 'memory'?",
    ]
    assert len(told) == 3
    assert sorted(told)[2].startswith(
        "'nodes.server-2.address' is 192.168.20.13: 'nodes.server-1' has it already"
    )


def test_a_section_with_a_mistake_of_its_own_brings_no_sentence_of_another_rule():
    found = content()
    found["network"]["gateway"] = "192.168.20"
    found["nodes"][0]["address"] = "10.0.0.1"
    found["proxmox"]["hosts"]["pve1"] = {"memory": "much"}
    assert len(mistakes(found)) == 2


def test_a_role_that_is_none_does_not_make_the_servers_even():
    found = content()
    found["nodes"][0]["role"] = "master"
    assert mistakes(found) == ("'nodes.server-0.role' is 'master': must be 'server' or 'agent'.",)


def test_a_secret_in_a_wrong_place_is_told_and_never_quoted():
    found = content()
    found["proxmox"]["token"]["id"] += "=0a1b2c3d"
    found["git"]["repository"] = "https://me:hunter22@git.home.arpa/me/homeostat.git"
    found["ssh"]["authorized_keys"] = ["-----BEGIN OPENSSH PRIVATE" + " KEY-----\nhunter22"]
    told = mistakes(found)
    assert len(told) == 3
    assert not any(word in sentence for sentence in told for word in ("0a1b2c3d", "hunter22"))


@pytest.mark.parametrize("given_as", [[], "text", None, 3])
def test_what_is_no_mapping_is_told_as_such(given_as):
    assert any("must be a mapping of keys to values" in told for told in mistakes(given_as))


@pytest.mark.parametrize("nodes", [None, {}, "server", [None, 3, []]])
def test_nodes_that_are_none_are_told_without_a_traceback(nodes):
    found = content()
    found["nodes"] = nodes
    assert all("nodes" in told for told in mistakes(found))
    assert mistakes(found)


def test_servers_two_minors_apart_are_told_where_more_minors_are_supported():
    found = content(servers=3, agents=0)
    found["k3s"]["version"] = "v1.32.1+k3s1"
    found["nodes"][1]["k3s_version"] = "v1.34.4+k3s1"
    draft = drafted(found, SOURCE.parent)
    (told,) = versions(draft, supported=[(1, 32), (1, 33), (1, 34)])
    assert told.startswith(
        "'nodes.server-1.k3s_version' is v1.34.4+k3s1: server 'server-0' runs v1.32.1+k3s1"
    )


def test_memory_that_the_host_may_take_back_is_not_counted_but_that_of_a_gpu_node_is():
    found = content()
    found["nodes"][3] |= {"memory": "200GiB", "memory_minimum": "4GiB"}
    assert mistakes(found) == ()
    found["nodes"][3]["gpu"] = {"mapping": "tesla"}
    assert ["'proxmox.hosts.pve1.memory'" in told for told in mistakes(found)] == [True]
