"""Certificates and the token are made anew while the API goes on answering."""

from __future__ import annotations

import ssl

import pytest
from cryptography import x509

from infra.playbooks.errors import PlaybookFailed
from tests.homelab.day_two import SERVERS, Cluster, condition, started
from tests.homelab.etcd_watch import EtcdWatch
from tests.homelab.hosts import Lab
from tests.homelab.k3s_stand_in.parts import CURRENT
from tests.homelab.writing import Writer

pytestmark = pytest.mark.timeout(2400)
TOKEN = "/var/lib/rancher/k3s/server/token"


@pytest.fixture(scope="module")
def cluster(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    made = started(lab, tmp_path_factory.mktemp("cluster"), CURRENT)
    made.play("site")
    return made


def test_every_certificate_is_another_and_no_write_is_lost(cluster):
    addresses = [str(cluster.hosts[name].address) for name in SERVERS]
    before = {address: _serial(address) for address in addresses}
    kubeconfig = cluster.hosts["server-1"].read("/etc/rancher/k3s/k3s.yaml")

    servers = {name: cluster.hosts[name] for name in SERVERS}
    with Writer(addresses, kubeconfig) as writer, EtcdWatch(servers, kubeconfig) as etcd:
        recap = cluster.play("rotate_certificates")

    assert all(_serial(address) != before[address] for address in addresses)
    assert len([told for told in recap.told if "the first certificate to end is 2" in told]) == len(
        cluster.hosts
    )
    assert min(etcd.voting) >= 2, etcd.voting
    assert etcd.longest_silence_seconds < 30
    assert writer.acknowledged
    assert set(writer.acknowledged) <= writer.kept()


def test_a_new_token_reaches_every_server_and_agent(cluster):
    before = cluster.hosts["server-1"].read(TOKEN)

    recap = cluster.play("rotate_certificates", certificates_rotate_token=True)

    now = {cluster.hosts[name].read(TOKEN).strip() for name in SERVERS}
    assert len(now) == 1
    assert before.strip() not in now
    assert cluster.hosts["agent-1"].read("/etc/rancher/k3s/token").strip() in now
    assert all(condition(node, "Ready") == "True" for node in cluster.nodes().values())
    assert not any(token in recap.log.read_text() for token in (before.strip(), *now))


def test_a_rotation_that_broke_off_is_made_good_although_a_server_restarted_too_early(cluster):
    first, second = (cluster.hosts[name] for name in SERVERS[:2])
    # what the run had done when it ended: the mark, and another token on the first server alone
    first.run("touch", "/var/lib/homeostat/token-rotated")
    first.run("sh", "-c", f"K3S_TOKEN=$(cat {TOKEN}) k3s token rotate")
    second.run("systemctl", "restart", "--no-block", "k3s")

    cluster.play("rotate_certificates")

    assert len({cluster.hosts[name].read(TOKEN).strip() for name in SERVERS}) == 1
    nodes = cluster.nodes()
    assert all(condition(nodes[name], "EtcdIsVoter") == "True" for name in SERVERS)
    assert "rotated" not in first.run("ls", "/var/lib/homeostat")


def test_a_node_that_was_maintained_was_rebooted_and_takes_pods_again(cluster):
    before = cluster.hosts["server-2"].run("cat", "/proc/sys/kernel/random/boot_id")

    cluster.play("maintain", node_maintenance_node="server-2", node_maintenance_updates=False)

    assert cluster.hosts["server-2"].run("cat", "/proc/sys/kernel/random/boot_id") != before
    node = cluster.nodes()["server-2"]
    assert condition(node, "EtcdIsVoter") == "True"
    assert not node["spec"].get("unschedulable")


def test_a_maintenance_that_fails_tells_why_and_leaves_the_node_to_its_pods(cluster):
    host, program = cluster.hosts["agent-1"], "/usr/sbin/shutdown"
    host.run("ln", "--symbolic", "--force", "/bin/false", program)

    with pytest.raises(PlaybookFailed, match="agent-1 failed, and it takes pods again: Reboot"):
        cluster.play("maintain", node_maintenance_node="agent-1")

    host.run("ln", "--symbolic", "--force", "/bin/systemctl", program)
    assert not cluster.nodes()["agent-1"]["spec"].get("unschedulable")


def test_a_machine_that_is_made_anew_joins_by_the_new_token_without_its_old_password(cluster, lab):
    old = cluster.hosts["server-3"]
    old.delete()
    made = lab.create("server-3", str(old.address))
    cluster.hosts["server-3"] = made
    made.start()
    made.wait_for_ssh()
    # a person who replaces a machine forgets its key
    (cluster.state / "homelab" / "known_hosts").unlink()

    cluster.play("site")

    nodes = cluster.nodes()
    assert condition(nodes["server-3"], "EtcdIsVoter") == "True"
    assert condition(nodes["server-3"], "Ready") == "True"


def _serial(address: str) -> int:
    pem = ssl.get_server_certificate((address, 6443), timeout=10)
    return x509.load_pem_x509_certificate(pem.encode()).serial_number
