"""The stand-in for K3s on real hosts: quorum, voters, tokens, passwords, snapshots and restores are real."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.homelab.hosts import Host, Lab
from tests.homelab.k3s_stand_in.build import build
from tests.homelab.k3s_stand_in.parts import CURRENT, PREVIOUS

# the first run builds the programs of two minors of Kubernetes
pytestmark = [pytest.mark.homelab, pytest.mark.go, pytest.mark.timeout(2400)]

START_SECONDS = 240.0
_UNIT = """[Service]
Type=notify
KillMode=process
Delegate=yes
ExecStart=/usr/local/bin/k3s {kind}
Restart=always
RestartSec=2s
TimeoutStartSec=0
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    parts = tmp_path_factory.mktemp("parts")
    for version in (CURRENT, PREVIOUS):
        build(version, tmp_path_factory.getbasetemp() / version, parts)
    with Lab.open(tmp_path_factory.mktemp("lab"), parts) as opened:
        yield opened


@pytest.fixture(scope="module")
def servers(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> list[Host]:
    """Three servers of one cluster."""
    releases = tmp_path_factory.getbasetemp()
    first = machine(lab, releases, "server-1", 11)
    configure(first, "cluster-init: true\n")
    start(first)
    token = first.run("cat", "/var/lib/rancher/k3s/server/token").strip()
    others = [machine(lab, releases, f"server-{number}", 10 + number) for number in (2, 3)]
    for host in others:
        configure(host, f"server: https://{first.address}:6443\ntoken: {token}\n")
        start(host)
    return [first, *others]


@pytest.fixture
def lone(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A host where nothing runs yet; its K3s is the previous minor's."""
    host = machine(lab, tmp_path_factory.getbasetemp(), "lone", 31, PREVIOUS)
    yield host
    host.delete()


def machine(lab: Lab, releases: Path, name: str, last: int, version: str = CURRENT) -> Host:
    host = lab.create(name, lab.network[last])
    host.start()
    host.wait_for_ssh()
    install(host, releases / version / "k3s")
    return host


def install(host: Host, program: Path) -> None:
    put = "cat > k3s.new && chmod 755 k3s.new && mv k3s.new k3s"
    host.run("sh", "-c", f"cd /usr/local/bin && {put}", given=program.read_bytes())


def configure(host: Host, text: str, kind: str = "server") -> None:
    host.run("mkdir", "-p", "/etc/rancher/k3s")
    host.run("sh", "-c", "cat > /etc/rancher/k3s/config.yaml", given=text.encode())
    unit = "k3s" if kind == "server" else "k3s-agent"
    host.run("sh", "-c", f"cat > /etc/systemd/system/{unit}.service", given=_UNIT.format(kind=kind).encode())
    host.run("systemctl", "daemon-reload")


def start(host: Host, unit: str = "k3s") -> None:
    host.run("systemctl", "start", unit, limit_seconds=START_SECONDS)


def kubectl(host: Host, *arguments: str) -> str:
    return host.run("k3s", "kubectl", "--request-timeout=60s", *arguments, limit_seconds=START_SECONDS)


def waits_for_node(host: Host, name: str, condition: str) -> None:
    kubectl(host, "wait", f"node/{name}", f"--for=condition={condition}", "--timeout=180s")


def refusal(host: Host, *command: str) -> str:
    """What a command says that must fail."""
    script = '"$@" 2>&1 && echo it succeeded; true'
    said = host.run("sh", "-c", script, "sh", *command, limit_seconds=START_SECONDS)
    assert "it succeeded" not in said
    return said


def config_maps(host: Host) -> set[str]:
    items = json.loads(kubectl(host, "get", "configmaps", "-o", "json"))["items"]
    return {item["metadata"]["name"] for item in items} - {"kube-root-ca.crt"}


def test_three_servers_are_ready_nodes_and_voters(servers: list[Host]) -> None:
    for host in servers:
        waits_for_node(servers[0], host.name, "EtcdIsVoter")
        waits_for_node(servers[0], host.name, "Ready")
        assert kubectl(host, "get", "--raw", "/readyz") == "ok"


def test_pods_of_a_deployment_run(servers: list[Host]) -> None:
    kubectl(servers[0], "create", "deployment", "web", "--image=web", "--replicas=3")
    kubectl(servers[1], "rollout", "status", "deployment/web", "--timeout=120s")


def test_nobody_reads_the_api_without_a_name(servers: list[Host]) -> None:
    context = "ssl._create_unverified_context()"
    read = f"import ssl, urllib.request as u; u.urlopen('https://127.0.0.1:6443/readyz', context={context})"
    assert "401" in refusal(servers[0], "python3", "-c", read)


def test_a_token_of_another_cluster_opens_nothing(servers: list[Host], lone: Host) -> None:
    url, other = f"https://{servers[0].address}:6443", f"K10{'0' * 64}::server:x"
    said = refusal(lone, "k3s", "server", "--server", url, "--token", other)
    assert "token CA hash does not match the Cluster CA certificate hash" in said
    said = refusal(lone, "k3s", "server", "--server", url, "--token", "guessed")
    assert "/v1-k3s/server-bootstrap: 401 Unauthorized" in said


def test_a_node_with_another_password_is_refused(servers: list[Host], lone: Host) -> None:
    token = servers[0].run("cat", "/var/lib/rancher/k3s/server/token").strip()
    configure(
        lone, f"server: https://{servers[1].address}:6443\ntoken: {token}\nnode-name: worker\n", "agent"
    )
    start(lone, "k3s-agent")
    waits_for_node(servers[0], "worker", "Ready")
    lone.run("systemctl", "stop", "k3s-agent")
    lone.run("sh", "-c", "echo another > /etc/rancher/node/password")
    said = refusal(lone, "timeout", "20", "k3s", "agent")
    assert "Node password rejected, duplicate hostname" in said
    # with its Node its password is forgotten, so the next machine of that name may join
    kubectl(servers[0], "delete", "node", "worker", "--timeout=120s")
    start(lone, "k3s-agent")
    waits_for_node(servers[0], "worker", "Ready")


def test_writes_go_on_while_one_server_is_lost(servers: list[Host]) -> None:
    servers[2].kill()
    retry = "until k3s kubectl --request-timeout=20s create configmap written-by-two; do sleep 1; done"
    servers[0].run("sh", "-c", retry, limit_seconds=START_SECONDS)
    assert "written-by-two" in config_maps(servers[1])
    waits_for_node(servers[0], servers[2].name, "Ready=Unknown")
    servers[2].start()
    servers[2].wait_for_ssh()
    start(servers[2])
    waits_for_node(servers[0], servers[2].name, "Ready")
    assert "written-by-two" in config_maps(servers[2])


def test_a_deleted_server_leaves_etcd_and_comes_back_as_a_new_one(servers: list[Host]) -> None:
    kubectl(servers[0], "delete", "node", servers[2].name, "--timeout=120s")
    said = "until journalctl -u k3s | grep -q 'has been removed from the cluster'; do sleep 1; done"
    servers[2].run("sh", "-c", said, limit_seconds=START_SECONDS)
    servers[2].run("systemctl", "stop", "k3s", limit_seconds=START_SECONDS)
    start(servers[2])
    waits_for_node(servers[0], servers[2].name, "EtcdIsVoter")


def test_a_restore_needs_the_token_and_holds_only_keys_of_before(lone: Host) -> None:
    configure(lone, "cluster-init: true\nsecrets-encryption: true\n")
    start(lone)
    kubectl(lone, "create", "configmap", "before")
    lone.run("k3s", "etcd-snapshot", "save", "--name", "kept")
    kubectl(lone, "create", "configmap", "after")
    lone.run("systemctl", "stop", "k3s", limit_seconds=START_SECONDS)
    snapshot = lone.run("sh", "-c", "ls /var/lib/rancher/k3s/server/db/snapshots/kept-*").strip()
    reset = ("k3s", "server", "--cluster-reset", f"--cluster-reset-restore-path={snapshot}")

    assert "encrypted with different token" in refusal(lone, *reset, "--token", "another")
    lone.run(*reset, limit_seconds=START_SECONDS)
    assert "cluster-reset was successfully performed" in refusal(lone, *reset)
    start(lone)
    assert config_maps(lone) == {"before"}


def test_a_minor_upgrade_keeps_what_the_cluster_holds(
    lone: Host, tmp_path_factory: pytest.TempPathFactory
) -> None:
    configure(lone, "cluster-init: true\n")
    start(lone)
    kubectl(lone, "create", "configmap", "kept")
    install(lone, tmp_path_factory.getbasetemp() / CURRENT / "k3s")
    lone.run("systemctl", "restart", "k3s", limit_seconds=START_SECONDS)
    version = ("get", "nodes", "-o", "jsonpath={.items[*].status.nodeInfo.kubeletVersion}")
    assert kubectl(lone, *version) == CURRENT
    assert config_maps(lone) == {"kept"}


def test_the_release_verifies_and_tells_its_version(lab: Lab, tmp_path: Path) -> None:
    assert lab.parts is not None
    folder = build(CURRENT, tmp_path / "release", lab.parts)
    subprocess.run(
        ["sha256sum", "--check", "sha256sum-amd64.txt"], cwd=folder, check=True, capture_output=True
    )
    said = subprocess.check_output([folder / "k3s", "--version"], text=True)
    assert said.startswith(f"k3s version {CURRENT} (")


def test_token_and_certificates_are_rotated(lone: Host) -> None:
    configure(lone, "cluster-init: true\n")
    start(lone)
    kubectl(lone, "create", "configmap", "kept")
    before = lone.run("cat", "/var/lib/rancher/k3s/server/tls/client-admin.crt")
    assert "k3s is running" in refusal(lone, "k3s", "certificate", "rotate")

    lone.run("k3s", "token", "rotate", "--new-token", "another")
    lone.run("systemctl", "stop", "k3s", limit_seconds=START_SECONDS)
    lone.run("k3s", "certificate", "rotate")
    start(lone)
    assert lone.run("cat", "/var/lib/rancher/k3s/server/token").strip().endswith("::server:another")
    assert lone.run("cat", "/var/lib/rancher/k3s/server/tls/client-admin.crt") != before
    assert config_maps(lone) == {"kept"}
