"""K3s goes up one minor version while someone writes, and a server loses its power in the middle."""

from __future__ import annotations

import threading
import time

import pytest

from infra.playbooks.errors import PlaybookFailed
from tests.homelab.day_two import SERVERS, Cluster, condition, started
from tests.homelab.etcd_watch import EtcdWatch
from tests.homelab.hosts import Lab
from tests.homelab.k3s_stand_in.parts import CURRENT, PREVIOUS
from tests.homelab.writing import Writer

pytestmark = pytest.mark.timeout(2400)
MARK = "homeostat.dev/cordoned"


@pytest.fixture(scope="module")
def cluster(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    made = started(lab, tmp_path_factory.mktemp("cluster"), PREVIOUS)
    made.play("site")
    return made


def test_a_skipped_minor_version_is_refused_and_changes_nothing(cluster):
    # as a variable: cluster.yaml itself takes no version that the platform was not tried with
    with pytest.raises(PlaybookFailed, match=r"one minor version at a time, so v1\.34 comes first"):
        cluster.play("upgrade", k3s_version="v1.35.0+k3s1")

    assert {node["status"]["nodeInfo"]["kubeletVersion"] for node in cluster.nodes().values()} == {PREVIOUS}
    assert not any(node["spec"].get("unschedulable") for node in cluster.nodes().values())


def test_an_upgrade_with_a_power_loss_in_it_loses_no_write_and_no_quorum(cluster, record_property):
    cluster.describe(CURRENT)
    addresses = [str(cluster.hosts[name].address) for name in SERVERS]
    victim = cluster.hosts["server-2"]
    kubeconfig = cluster.hosts["server-1"].read("/etc/rancher/k3s/k3s.yaml")
    servers = {name: cluster.hosts[name] for name in SERVERS}
    with Writer(addresses, kubeconfig) as writer, EtcdWatch(servers, kubeconfig) as etcd:
        _until(lambda: len(writer.acknowledged) > 5)
        outcome: list[Exception] = []
        upgrade = threading.Thread(target=_upgrade, args=(cluster, outcome))
        upgrade.start()
        _until(lambda: MARK in cluster.nodes("server-3")["server-2"]["metadata"].get("annotations", {}))
        victim.kill()
        upgrade.join()
        (failed,) = outcome
        assert isinstance(failed, PlaybookFailed)
        assert "server-2" in str(failed)

        victim.start()
        victim.wait_for_ssh()
        cluster.play("upgrade")

    nodes = cluster.nodes()
    assert {node["status"]["nodeInfo"]["kubeletVersion"] for node in nodes.values()} == {CURRENT}
    assert not [name for name, node in nodes.items() if node["spec"].get("unschedulable")]
    assert not [name for name, node in nodes.items() if MARK in node["metadata"].get("annotations", {})]
    assert all(condition(nodes[name], "EtcdIsVoter") == "True" for name in SERVERS)
    assert min(etcd.voting) >= 2, etcd.voting
    assert etcd.longest_silence_seconds < 30
    assert set(writer.acknowledged) <= writer.kept()
    record_property("writes", len(writer.acknowledged))
    record_property("least members of etcd that voted", min(etcd.voting))
    record_property("longest silence of etcd in seconds", round(etcd.longest_silence_seconds, 1))


def test_an_upgrade_of_what_is_as_it_should_be_changes_nothing(cluster):
    assert cluster.play("upgrade").changed == 0


def test_going_back_is_refused(cluster):
    cluster.describe(PREVIOUS)
    with pytest.raises(PlaybookFailed, match="K3s can't go back"):
        cluster.play("upgrade")
    cluster.describe(CURRENT)


def _upgrade(cluster: Cluster, outcome: list[Exception]) -> None:
    try:
        cluster.play("upgrade")
    except Exception as error:  # noqa: BLE001 - the test looks at it
        outcome.append(error)


def _until(condition_holds, seconds: float = 600.0) -> None:
    end = time.monotonic() + seconds
    while not condition_holds():
        assert time.monotonic() < end, "it did not come to that in time"
        time.sleep(0.2)
