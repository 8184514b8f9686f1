"""A backup brings the cluster back to its moment; one that can't is refused before anything is touched."""

from __future__ import annotations

import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from homeostat.paths import repository_root
from infra.playbooks.errors import PlaybookFailed
from infra.playbooks.running import perform
from tests.homelab.day_two import NAME, SERVERS, Cluster, condition, started
from tests.homelab.hosts import Lab
from tests.homelab.k3s_stand_in.parts import CURRENT
from tests.unit.infra.playbooks.backup_program import altered, bundle_module, without

pytestmark = pytest.mark.timeout(2400)
BUNDLES = "/var/backups/k3s"


@pytest.fixture(scope="module")
def cluster(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    made = started(lab, tmp_path_factory.mktemp("cluster"), CURRENT)
    made.play("site")
    made.kubectl("create", "configmap", "before")
    return made


@pytest.fixture(scope="module")
def bundle(cluster: Cluster) -> Path:
    """A backup that was fetched; it knows the ConfigMap "before" and none of "after"."""
    folder = cluster.folder / "fetched"
    recap = cluster.play("backup", backup_fetch_to=str(folder))
    cluster.kubectl("create", "configmap", "after")
    cluster.kubectl("delete", "configmap", "before")
    return folder / Path(recap.left["backup"]["file"]).name


def test_a_backup_is_for_its_owner_alone_here_and_there(cluster, bundle):
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
    assert cluster.hosts["server-1"].run("stat", "--format=%a", f"{BUNDLES}/{bundle.name}").strip() == "600"


def test_servers_back_up_on_their_schedule_and_forget_the_oldest(cluster, bundle):
    host = cluster.hosts["server-2"]
    assert host.run("systemctl", "is-active", "homeostat-backup.timer").strip() == "active"
    for _ in range(4):
        host.run("systemctl", "start", "homeostat-backup.service")
        # names tell their second
        host.run("sleep", "1.1")
    found = host.run("ls", BUNDLES).split()
    assert len(found) == 3
    assert all(name.startswith(f"{NAME}-server-2-") for name in found)


def test_a_server_that_is_down_keeps_the_others_from_nothing(cluster, bundle):
    down = cluster.hosts["server-3"]
    down.shutdown()

    taken = cluster.play("backup", backup_fetch_to=str(cluster.folder / "with one down"))
    without_it = replace(cluster.run("site"), limit="all:!server-3")
    recap = perform(without_it, repository_root(), cluster.state, lambda _: None)

    assert Path(taken.left["backup"]["file"]).name != bundle.name
    assert list((cluster.folder / "with one down").iterdir())
    assert recap.changed == 0
    assert {host.host for host in recap.hosts} >= {"server-1", "server-2", "agent-1"}
    down.start()
    down.wait_for_ssh()
    assert cluster.play("site").changed == 0


def test_a_restore_that_nobody_confirmed_is_refused(cluster, bundle):
    with pytest.raises(PlaybookFailed, match="confirm it by -e confirm=lab"):
        cluster.play("restore", k3s_restore_bundle=str(bundle), confirm="home")


def test_a_bundle_without_its_token_or_with_another_is_refused_before_anything_is_touched(cluster, bundle):
    lacking = without(bundle, "token", cluster.folder / "lacking.tar.gz")
    changed = altered(
        bundle, cluster.folder / "changed.tar.gz", {"token": b"K10" + b"0" * 64 + b"::server:abcd"}
    )
    for path, reason in ((lacking, "holds no server token"), (changed, "token was changed or damaged")):
        with pytest.raises(PlaybookFailed, match=reason):
            cluster.play("restore", k3s_restore_bundle=str(path), confirm=NAME)
    assert set(cluster.nodes()) == set(cluster.hosts)


def test_a_restore_brings_back_what_was_and_nothing_of_after(cluster, bundle):
    cluster.play("restore", k3s_restore_bundle=str(bundle), confirm=NAME)

    found = cluster.kubectl("get", "configmaps", "--output=name").split()
    assert "configmap/before" in found
    assert "configmap/after" not in found
    nodes = cluster.nodes("server-3")
    assert all(condition(node, "Ready") == "True" for node in nodes.values())
    assert all(condition(nodes[name], "EtcdIsVoter") == "True" for name in SERVERS)


def test_a_broken_reset_is_begun_again_and_a_dead_agent_or_a_new_machine_does_not_keep_it(
    cluster, bundle, lab
):
    cluster.kubectl("create", "configmap", "later")
    first, old = cluster.hosts["server-1"], cluster.hosts["server-3"]
    # K3s' own flag is there although nothing came to an end, and no mark of ours is
    first.run("touch", "/var/lib/rancher/k3s/server/db/reset-flag")
    cluster.hosts["agent-1"].kill()
    old.delete()
    cluster.hosts["server-3"] = made = lab.create("server-3", str(old.address))
    made.start()
    made.wait_for_ssh()
    _forget_key(cluster, str(made.address))

    run = cluster.run("restore", k3s_restore_bundle=str(bundle), confirm=NAME)
    perform(replace(run, limit="k3s_server"), repository_root(), cluster.state, lambda _: None)

    assert "configmap/later" not in cluster.kubectl("get", "configmaps", "--output=name").split()
    nodes = cluster.nodes("server-3")
    assert all(condition(nodes[name], "EtcdIsVoter") == "True" for name in SERVERS)
    agent = cluster.hosts["agent-1"]
    agent.start()
    agent.wait_for_ssh()
    cluster.play("site")


def test_a_snapshot_with_another_clusters_token_does_not_open_and_the_right_one_still_does(cluster, bundle):
    wrong = _with_another_token(bundle, cluster.folder)
    with pytest.raises(PlaybookFailed, match="'Reset the cluster to the snapshot' failed"):
        cluster.play("restore", k3s_restore_bundle=str(wrong), confirm=NAME)

    cluster.play("restore", k3s_restore_bundle=str(bundle), confirm=NAME)

    assert "configmap/before" in cluster.kubectl("get", "configmaps", "--output=name").split()
    assert cluster.play("site").changed == 0


def _forget_key(cluster: Cluster, address: str) -> None:
    """What a person does who replaces a machine."""
    known = cluster.state / "homelab" / "known_hosts"
    command = ["ssh-keygen", "-R", address, "-f", str(known)]
    subprocess.run(command, check=True, capture_output=True, timeout=30)


def _with_another_token(bundle: Path, folder: Path) -> Path:
    """A bundle that is whole in itself, whose token is not that of its snapshot."""
    reading = bundle_module()
    about = reading["extract"](bundle, folder / "opened")
    target = folder / "wrong.tar.gz"
    token = (folder / "opened" / "token").read_text().strip()
    reading["write"](target, folder / "opened" / "snapshot.db", f"{token[:-8]}00000000", about)
    return target
