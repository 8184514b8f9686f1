"""Machines become a cluster, stay one, and lose and win nodes: real hosts, real etcd, real API servers.

The tests are one story and run in this order.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from homeostat.paths import repository_root
from homeostat.yaml_text import read_yaml, to_yaml
from infra.playbooks.errors import PlaybookFailed
from infra.playbooks.recap import Recap
from infra.playbooks.running import perform
from tests.homelab.day_two import NAME, SERVERS, Cluster, condition
from tests.homelab.hosts import Lab
from tests.homelab.hosts.waiting import wait_until
from tests.homelab.k3s_stand_in.parts import CURRENT

pytestmark = [pytest.mark.homelab, pytest.mark.timeout(2400)]

#: of each kind one, as a fault or a hand may leave it
_CORRUPTED = {
    "server-3": (
        "/etc/systemd/system/k3s.service",
        "/etc/rancher/k3s/config.yaml",
        "/etc/sysctl.d/90-homeostat.conf",
        "/var/lib/rancher/k3s/server/manifests/homeostat-kube-vip.yaml",
    ),
    "agent-1": (
        "/usr/local/bin/k3s",
        "/etc/ssh/sshd_config.d/10-homeostat.conf",
        "/var/lib/homeostat/firewall.nft",
    ),
}


@pytest.fixture(scope="module")
def cluster(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    cluster = Cluster(lab, tmp_path_factory.mktemp("cluster"), ("agent-1", "agent-2"))
    give_kube_vip(cluster.releases[CURRENT])
    describe(cluster)
    cluster.start()
    # what kube-vip does where a kubelet runs its pod
    announce(cluster, "server-1")
    return cluster


def give_kube_vip(release: Path) -> None:
    """Lay an archive beside the release, as where hosts have no way out; nothing here unpacks it."""
    content = b"the image of kube-vip"
    (release / "kube-vip.tar").write_bytes(content)
    (release / "images.sha256").write_text(f"{hashlib.sha256(content).hexdigest()}  kube-vip.tar\n")


def describe(cluster: Cluster, change: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
    """Write the cluster's definition, with a VIP and with the ``change``."""
    cluster.describe(CURRENT)
    content = dict(read_yaml(cluster.definition))
    content["network"]["api_vip"] = str(cluster.lab.network[10])
    change(content)
    cluster.definition.write_text(to_yaml(content), encoding="utf-8")


def announce(cluster: Cluster, server: str) -> None:
    """Give the server the address of the API, as kube-vip's leader does."""
    cluster.hosts[server].run("ip", "address", "replace", f"{cluster.lab.network[10]}/32", "dev", "host0")


def changes(recap: Recap) -> Mapping[str, int]:
    """Host -> tasks that changed it."""
    return {host.host: host.changed for host in recap.hosts}


def voters(cluster: Cluster, server: str) -> set[str]:
    return {name for name, node in cluster.nodes(server).items() if condition(node, "EtcdIsVoter") == "True"}


def identity(cluster: Cluster, server: str) -> str:
    """What a second cluster could not have."""
    return cluster.kubectl(
        "get", "namespace", "kube-system", "--output=jsonpath={.metadata.uid}", server=server
    )


def test_three_servers_and_two_agents_come_up_from_nothing(cluster: Cluster) -> None:
    cluster.play("site")
    nodes = cluster.nodes()
    assert {name: condition(node, "Ready") for name, node in nodes.items()} == dict.fromkeys(
        cluster.hosts, "True"
    )
    assert voters(cluster, "server-1") == set(SERVERS)


def test_no_secret_and_no_way_of_joining_stays_where_it_need_not(cluster: Cluster) -> None:
    assert "token" not in cluster.hosts["server-2"].read("/etc/rancher/k3s/config.yaml")
    assert cluster.hosts["server-2"].run("sh", "-c", "ls /run/homeostat-k3s").split() == ["started-with"]


def test_the_second_run_changes_nothing_on_any_host(cluster: Cluster) -> None:
    assert changes(cluster.play("site")) == dict.fromkeys(cluster.hosts, 0)


def test_what_was_corrupted_is_repaired_and_nothing_else_is_touched(cluster: Cluster) -> None:
    right = {
        (name, path): cluster.hosts[name].read(path) for name, paths in _CORRUPTED.items() for path in paths
    }
    for name, path in right:
        cluster.hosts[name].run("sh", "-c", f"echo '# by hand' >> {path}")
    recap = cluster.play("site")
    assert {(name, path): cluster.hosts[name].read(path) for name, path in right} == right
    assert {name for name, count in changes(recap).items() if count} == set(_CORRUPTED)
    assert voters(cluster, "server-1") == set(SERVERS)


def test_a_run_that_broke_off_before_a_restart_is_made_good(cluster: Cluster) -> None:
    """The file is right again, but the service was started with the wrong one."""
    host = cluster.hosts["agent-2"]
    right = host.read("/etc/rancher/k3s/config.yaml")
    host.write("/etc/rancher/k3s/config.yaml", f"{right}# by hand\n", mode=0o600)
    host.run("systemctl", "restart", "k3s-agent")
    host.write("/etc/rancher/k3s/config.yaml", right, mode=0o600)
    before = host.run("systemctl", "show", "--property=MainPID", "k3s-agent")
    limited(cluster, "agent-2")
    assert host.run("systemctl", "show", "--property=MainPID", "k3s-agent") != before


def test_a_server_without_its_datastore_founds_nothing_and_joins_again(cluster: Cluster) -> None:
    host = cluster.hosts["server-3"]
    cluster_id = identity(cluster, "server-1")
    host.run("systemctl", "stop", "k3s")
    host.run("mv", "/var/lib/rancher/k3s/server/db", "/var/lib/rancher/lost")
    host.run("systemctl", "start", "--no-block", "k3s")
    wait_until(
        lambda: "was not told to found a cluster" in host.run("journalctl", "--unit=k3s", "--output=cat"),
        60,
        lambda: "K3s was not kept from starting",
    )
    assert host.run("sh", "-c", "ls /var/lib/rancher/k3s/server/db 2>/dev/null || true") == ""
    cluster.play("site")
    assert identity(cluster, "server-3") == cluster_id
    assert voters(cluster, "server-3") == set(SERVERS)


def limited(cluster: Cluster, host: str) -> Recap:
    """Set up one host alone."""
    return perform(replace(cluster.run("site"), limit=host), repository_root(), cluster.state, lambda _: None)


def test_a_dead_first_server_is_replaced_and_a_new_agent_joins_in_one_run(cluster: Cluster) -> None:
    cluster_id = identity(cluster, "server-2")
    cluster.hosts["server-1"].kill()
    cluster.hosts["server-1"].delete()
    announce(cluster, "server-2")
    for name, last in (("server-1", 11), ("agent-3", 23)):
        cluster.hosts[name] = cluster.lab.create(name, str(cluster.lab.network[last]))
        cluster.hosts[name].start()
        cluster.hosts[name].wait_for_ssh()
    # whoever makes a machine anew forgets its old key
    (cluster.state / "homelab" / "known_hosts").unlink()

    def change(content: dict[str, Any]) -> None:
        by_name = {node["name"]: node for node in content["nodes"]}
        by_name["agent-1"]["labels"] = {"homeostat.dev/pool": "models"}
        by_name["agent-1"]["taints"] = [{"key": "gpu", "value": "no", "effect": "NoSchedule"}]
        by_name["agent-3"]["taints"] = [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]

    describe(cluster, change)
    with pytest.raises(PlaybookFailed, match="agent-1, agent-2, server-2, server-3 would shut agent-3 out"):
        limited(cluster, "agent-3")
    cluster.play("site")
    nodes = cluster.nodes("server-1")
    assert identity(cluster, "server-1") == cluster_id
    assert voters(cluster, "server-1") == set(SERVERS)
    assert nodes["agent-1"]["metadata"]["labels"]["homeostat.dev/pool"] == "models"
    assert {"key": "gpu", "value": "yes", "effect": "NoSchedule"} in nodes["agent-3"]["spec"]["taints"]


def test_a_node_of_cluster_yaml_is_not_removed(cluster: Cluster) -> None:
    with pytest.raises(PlaybookFailed, match="take it out there first"):
        cluster.play("remove_node", node="agent-3", confirm=NAME)


def taint_differently(content: dict[str, Any]) -> None:
    """The same key and effect as before, and another value."""
    by_name = {node["name"]: node for node in content["nodes"]}
    by_name["agent-1"]["taints"] = [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]


def test_a_node_goes_and_its_labels_with_the_line_that_gave_them(cluster: Cluster) -> None:
    leaving = cluster.hosts.pop("agent-3")
    describe(cluster, taint_differently)
    recap = cluster.play("site")
    assert any("agent-3 is a node of the cluster and not in cluster.yaml" in told for told in recap.told)
    assert str(leaving.address) in cluster.hosts["server-1"].read("/var/lib/homeostat/firewall.nft")
    agent = cluster.nodes()["agent-1"]
    assert "homeostat.dev/pool" not in agent["metadata"]["labels"]
    assert agent["spec"]["taints"] == [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]
    cluster.play("remove_node", node="agent-3", confirm=NAME)
    assert set(cluster.nodes()) == set(cluster.hosts)
    assert leaving.run("sh", "-c", "ls /usr/local/bin /var/lib/rancher 2>/dev/null || true").split() == [
        "/usr/local/bin:"
    ]
    secrets = json.loads(cluster.kubectl("get", "secrets", "--namespace=kube-system", "--output=json"))[
        "items"
    ]
    assert "agent-3.node-password.k3s" not in {secret["metadata"]["name"] for secret in secrets}


def test_an_unreachable_host_stops_the_run_before_anything_is_changed(cluster: Cluster) -> None:
    cluster.hosts["agent-2"].shutdown()
    with pytest.raises(
        PlaybookFailed, match="agent-2 can't be entered by SSH as homeostat: nothing was changed"
    ):
        cluster.play("site")


def test_servers_leave_until_one_is_left_and_the_address_with_them(cluster: Cluster) -> None:
    def change(content: dict[str, Any]) -> None:
        content["nodes"] = [node for node in content["nodes"] if node["name"] in {"server-1", "agent-1"}]
        del content["network"]["api_vip"]

    cluster_id = identity(cluster, "server-1")
    describe(cluster, change)
    for server in ("server-3", "server-2"):
        cluster.play("remove_node", node=server, confirm=NAME)
        assert not cluster.hosts[server].run("sh", "-c", "ls /var/lib/rancher 2>/dev/null || true")
    # dead, and without a machine that could be asked
    cluster.play("remove_node", node="agent-2", confirm=NAME)
    cluster.play("site")
    assert set(cluster.nodes()) == {"server-1", "agent-1"}
    assert identity(cluster, "server-1") == cluster_id
    kinds = "daemonset,serviceaccount,role,rolebinding,clusterrole,clusterrolebinding"
    told = cluster.kubectl("get", kinds, "--namespace=kube-system", "--output=name")
    assert "kube-vip" not in told
    assert changes(cluster.play("site")) == {"server-1": 0, "agent-1": 0}


def test_a_node_that_is_gone_may_be_removed_again(cluster: Cluster) -> None:
    recap = cluster.play("remove_node", node="server-3", confirm=NAME)
    assert any("The cluster has no node server-3" in told for told in recap.told)
    assert recap.changed == 0
