"""The lab of real hosts: what they can do, and that nothing of it stays or touches this machine."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.linux.sweep import leftovers
from tests.homelab.hosts import Host, Lab, claims

pytestmark = pytest.mark.homelab

#: capabilities(7), by number
_CAP_SYS_MODULE, _CAP_SYS_TIME = 16, 25
#: keeps a lab with a running host until it is killed
_HOLDER = """
import sys
from pathlib import Path
from tests.homelab.hosts import Lab

lab = Lab.open(Path(sys.argv[1]))
host = lab.create("server-1", lab.network[11])
host.start()
host.wait_for_ssh()
print(lab.name, lab.folder, flush=True)
sys.stdin.read()
"""


def ssh(lab: Lab, host: Host, *command: str) -> str:
    options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "BatchMode=yes")
    words = [word for option in options for word in ("-o", option)]
    return subprocess.check_output(
        ["ssh", "-q", "-i", lab.key, *words, f"{host.user}@{host.address}", *command], text=True, timeout=60
    )


def booted(lab: Lab, name: str, last: int) -> Host:
    host = lab.create(name, lab.network[last])
    host.start()
    host.wait_for_ssh()
    return host


def traces(name: str) -> list[str]:
    """What is on this machine of the lab ``name``; other labs may come and go meanwhile."""
    mounts = [line for line in Path("/proc/self/mounts").read_text().splitlines() if name in line]
    links = [path.name for path in Path("/sys/class/net").iterdir() if name in path.name]
    groups = [str(path) for path in Path("/sys/fs/cgroup").glob(f"**/homeostat-lab-{name}-*")]
    processes = [leftover.command for leftover in leftovers(claims.mark(name))]
    return [*mounts, *links, *groups, *processes, *(path.name for path in claims.CLAIMS.glob(f"*{name}*"))]


def settings() -> tuple[str, ...]:
    """What no lab may change on this machine."""
    listed = ["nft", "list", "ruleset"] if shutil.which("nft") else ["true"]
    rules = subprocess.run(listed, capture_output=True, text=True, check=False).stdout
    return rules, *(Path("/proc/sys", name).read_text() for name in ("net/ipv4/ip_forward", "vm/swappiness"))


@pytest.fixture(scope="module")
def hosts(lab: Lab) -> Iterator[tuple[Host, ...]]:
    made = tuple(lab.create(f"server-{number}", lab.network[10 + number]) for number in (1, 2, 3))
    for host in made:
        host.start()
    for host in made:
        host.wait_for_ssh()
    yield made
    for host in made:
        host.delete()


def test_the_user_logs_in_with_the_key_and_is_root_by_sudo(lab: Lab, hosts: tuple[Host, ...]) -> None:
    assert [ssh(lab, host, "hostname").strip() for host in hosts] == ["server-1", "server-2", "server-3"]
    assert ssh(lab, hosts[0], "sudo", "id", "-u").strip() == "0"


def test_hosts_reach_each_other(hosts: tuple[Host, ...]) -> None:
    for host in hosts:
        for other in hosts:
            host.run("ping", "-c", "1", "-W", "5", str(other.address))


def test_every_host_boots_without_a_failed_unit(hosts: tuple[Host, ...]) -> None:
    for host in hosts:
        assert host.run("systemctl", "is-system-running", "--wait").strip() == "running"


def test_hosts_have_keys_and_a_machine_id_of_their_own(hosts: tuple[Host, ...]) -> None:
    for path in ("/etc/ssh/ssh_host_ed25519_key.pub", "/etc/machine-id"):
        assert len({host.read(path) for host in hosts}) == len(hosts)


def test_a_host_has_no_way_out(hosts: tuple[Host, ...]) -> None:
    script = "import socket; socket.create_connection(('1.1.1.1', 443), 30)"
    with pytest.raises(AssertionError, match="No route to host"):
        hosts[0].run("python3", "-c", script)


def test_packages_are_installed_from_the_lab(hosts: tuple[Host, ...]) -> None:
    hosts[0].run("apt-get", "update")
    hosts[0].run("apt-get", "install", "--yes", "--quiet", "chrony", "nftables", limit_seconds=300)
    assert hosts[0].run("systemctl", "is-active", "chrony").strip() == "active"
    assert hosts[0].run("nft", "list", "tables") == ""


def test_a_host_reads_files_and_repositories_of_this_machine(
    lab: Lab, hosts: tuple[Host, ...], tmp_path: Path
) -> None:
    (lab.files / "greeting").write_text("hello")
    assert hosts[0].run("wget", "-q", "-O-", f"{lab.files_url}/greeting") == "hello"
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "forge.git"], check=True)
    refs = f"{lab.git_url(tmp_path / 'forge.git')}/info/refs?service=git-upload-pack"
    assert "service=git-upload-pack" in hosts[0].run("wget", "-q", "-O-", refs)


def test_a_host_cannot_change_settings_of_this_machine(hosts: tuple[Host, ...]) -> None:
    before = Path("/proc/sys/vm/swappiness").read_text()
    hosts[0].run("sysctl", "-w", "vm.swappiness=7", "net.ipv4.ip_forward=1")
    assert hosts[0].read("/proc/sys/vm/swappiness").strip() == "7"
    assert hosts[0].read("/proc/sys/net/ipv4/ip_forward").strip() == "1"
    assert Path("/proc/sys/vm/swappiness").read_text() == before


def test_nothing_in_a_host_may_set_the_clock_of_this_machine(lab: Lab, hosts: tuple[Host, ...]) -> None:
    asked = ("grep", "CapBnd", "/proc/self/status")
    for said in (
        hosts[0].run(*asked),
        ssh(lab, hosts[0], "sudo", *asked),
        hosts[0].run("grep", "CapBnd", "/proc/1/status"),
    ):
        capabilities = int(said.split()[1], 16)
        assert not capabilities & (1 << _CAP_SYS_TIME | 1 << _CAP_SYS_MODULE)


def test_limits_of_a_unit_are_enforced(hosts: tuple[Host, ...]) -> None:
    hungry = "b = bytearray(200 * 2**20)"
    limited = ("systemd-run", "--wait", "--quiet", "-p", "MemoryMax=50M", "-p", "Delegate=yes")
    with pytest.raises(AssertionError):
        hosts[0].run(*limited, "python3", "-c", hungry)
    hosts[0].run(*limited, "true")


def test_a_restart_keeps_files(hosts: tuple[Host, ...]) -> None:
    boot = hosts[1].read("/proc/sys/kernel/random/boot_id")
    hosts[1].write("/srv/kept", "before")
    hosts[1].reboot()
    assert hosts[1].read("/srv/kept") == "before"
    assert hosts[1].read("/proc/sys/kernel/random/boot_id") != boot


def test_a_host_shuts_down_in_order_but_loses_its_power_at_once(hosts: tuple[Host, ...]) -> None:
    unit = "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=true\nExecStop=touch /srv/in-order\n"
    hosts[2].write("/etc/systemd/system/witness.service", f"{unit}[Install]\nWantedBy=multi-user.target\n")
    hosts[2].run("systemctl", "enable", "--now", "witness")
    hosts[2].kill()
    assert not hosts[2].is_running
    with pytest.raises(AssertionError, match="No such file"):
        hosts[2].read("/srv/in-order")
    hosts[2].start()
    hosts[2].wait_for_ssh()
    hosts[2].run("systemctl", "is-active", "--wait", "witness")
    hosts[2].shutdown()
    assert hosts[2].read("/srv/in-order") == ""
    hosts[2].start()
    hosts[2].wait_for_ssh()


def test_a_host_made_anew_is_another_one(lab: Lab) -> None:
    first = booted(lab, "agent-1", 21)
    first.write("/srv/old", "")
    identity = (first.read("/etc/ssh/ssh_host_ed25519_key.pub"), first.read("/etc/machine-id"))
    first.delete()
    second = booted(lab, "agent-1", 21)
    assert second.read("/etc/ssh/ssh_host_ed25519_key.pub") != identity[0]
    assert second.read("/etc/machine-id") != identity[1]
    with pytest.raises(AssertionError, match="No such file"):
        second.read("/srv/old")
    second.delete()


def test_labs_stand_side_by_side_and_leave_nothing(lab: Lab, tmp_path: Path) -> None:
    before = settings()
    parts = tmp_path / "parts"
    parts.mkdir()
    (parts / "tool").write_text("real")
    with Lab.open(tmp_path / "other", parts=parts) as other:
        assert not other.network.overlaps(lab.network)
        host = booted(other, "server-1", 11)
        assert host.read("/opt/parts/tool") == "real"
        with pytest.raises(AssertionError, match="Read-only"):
            host.write("/opt/parts/tool", "")
        assert traces(other.name)
    assert traces(other.name) == []
    assert list((tmp_path / "other").iterdir()) == []
    assert settings() == before


def test_what_a_killed_process_left_is_swept_away_by_the_next_lab(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, tmp_path / "killed"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        name, folder = holder.stdout.readline().split()
        holder.kill()
    assert Path(folder).exists()
    assert traces(name)
    with Lab.open(tmp_path / "next"):
        assert traces(name) == []
        assert not Path(folder).exists()


def test_an_address_or_a_name_is_given_once(lab: Lab, hosts: tuple[Host, ...]) -> None:
    for name, last in (("server-1", 99), ("other", 11), ("other", 1), ("other", 254)):
        with pytest.raises(ValueError, match="address"):
            lab.create(name, lab.network[last])
