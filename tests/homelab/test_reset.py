"""What reset leaves behind: the machine as it was before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from infra.playbooks.errors import PlaybookFailed
from tests.homelab.day_two import NAME, Cluster
from tests.homelab.hosts import Host, Lab
from tests.homelab.k3s_stand_in.parts import CURRENT

pytestmark = [pytest.mark.homelab, pytest.mark.timeout(1800)]

#: written by others while a machine runs: logs, memories of apt and dpkg, Ansible's own folder, the keys
_OTHERS = (
    *("/proc", "/sys", "/run", "/dev", "/opt/parts", "/tmp", "/root", "/usr/share"),
    *("/var/log", "/var/cache", "/var/tmp", "/var/backups", "/var/lib/private"),
    *("/var/lib/apt", "/var/lib/dpkg", "/var/lib/ucf", "/var/lib/systemd"),
    *("/home/homeostat/.ansible", "/home/homeostat/.ssh", "/home/homeostat/.sudo_as_admin_successful"),
)
_LIST = "find / -xdev ( {pruned} ) -prune -o ( -not -type d -o -empty ) -printf %p:%m:%l\\n"


@dataclass(frozen=True)
class Machine:
    """What a machine is, as far as a cluster could change it."""

    files: frozenset[str]
    units: frozenset[str]
    rules: str
    settings: str
    packages: frozenset[str]
    interfaces: str

    @classmethod
    def of(cls, host: Host) -> Machine:
        pruned = " -o ".join(f"-path {path}" for path in _OTHERS)
        return cls(
            frozenset(host.run(*_LIST.format(pruned=pruned).split()).splitlines()),
            frozenset(line for line in _unit_files(host) if " transient " not in line),
            host.run("sh", "-c", "command -v nft > /dev/null && nft list ruleset || true"),
            host.run("sysctl", "net.ipv4.ip_forward", "fs.inotify.max_user_instances", "vm.max_map_count"),
            frozenset(
                host.run(
                    "dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\\n"
                ).splitlines()
            ),
            host.run("sh", "-c", "ls /sys/class/net"),
        )


def _unit_files(host: Host) -> Sequence[str]:
    """Those of sessions and of what runs at the moment among them, as "transient"."""
    return host.run("systemctl", "list-unit-files", "--no-legend", "--plain").splitlines()


@pytest.fixture(scope="module")
def cluster(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    cluster = Cluster(lab, tmp_path_factory.mktemp("cluster"), ("agent-1",))
    # each machine is reset by itself: one server tells as much as three
    for spare in ("server-2", "server-3"):
        cluster.hosts.pop(spare)
    cluster.describe(CURRENT)
    cluster.start()
    return cluster


def test_nothing_but_the_cluster_s_name_resets_it(cluster: Cluster) -> None:
    with pytest.raises(PlaybookFailed, match=f"deletes the cluster {NAME} with all its data"):
        cluster.play("reset", confirm="another")


def test_reset_leaves_the_hosts_as_they_were_and_does_nothing_the_second_time(cluster: Cluster) -> None:
    before = {name: Machine.of(host) for name, host in cluster.hosts.items()}
    cluster.play("site")
    changed = {name: Machine.of(host) for name, host in cluster.hosts.items()}
    cluster.play("reset", confirm=NAME)
    after = {name: Machine.of(host) for name, host in cluster.hosts.items()}
    assert all(changed[name] != before[name] for name in before)
    for name, host in after.items():
        assert host.files ^ before[name].files == set()
        assert host.units ^ before[name].units == set()
        assert host == before[name]
    assert cluster.play("reset", confirm=NAME).changed == 0
