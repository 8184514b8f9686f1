"""What the roles write on hosts, rendered by Ansible itself with the inventory of a cluster."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from homeostat.yaml_text import to_yaml
from tests.contract.schemas import KUBERNETES_VERSIONS, Definitions, mistakes
from tests.unit.ansible.conftest import ANSIBLE, Ansible

#: role, template, host
_TEXTS = (
    ("k3s_server", "config.yaml.j2", "server-1"),
    ("k3s_server", "config.yaml.j2", "server-2"),
    ("k3s_server", "k3s.service.j2", "server-1"),
    ("k3s_agent", "config.yaml.j2", "agent-1"),
    ("k3s_agent", "k3s-agent.service.j2", "agent-1"),
    ("k3s_release", "registries.yaml.j2", "agent-1"),
    ("kube_vip", "kube-vip.yaml.j2", "server-1"),
    ("base", "firewall.nft.j2", "server-1"),
    ("base", "firewall.nft.j2", "agent-1"),
)
Texts = Mapping[tuple[str, str], str]


def rendered(ansible: Ansible, texts: Sequence[tuple[str, str, str]]) -> Texts:
    """(template without its ending, host) -> the text that this host gets."""
    plays = [_play(ansible, *text) for text in texts]
    path = ansible.folder / "render.yml"
    path.write_text(to_yaml(plays))
    run = ansible.run("ansible-playbook", str(path))
    assert run.returncode == 0, run.stdout + run.stderr
    keys = [(template.removesuffix(".j2"), host) for _, template, host in texts]
    return {(name, host): (ansible.folder / f"{host}-{name}").read_text() for name, host in keys}


def _play(ansible: Ansible, role: str, template: str, host: str) -> Mapping[str, Any]:
    folder = ANSIBLE / "roles" / role
    target = ansible.folder / f"{host}-{template}".removesuffix(".j2")
    task = {"src": str(folder / "templates" / template), "dest": str(target)}
    return {
        "hosts": host,
        "connection": "local",
        "vars": {"ansible_python_interpreter": sys.executable},
        "vars_files": [str(folder / "defaults" / "main.yml")],
        "tasks": [{"ansible.builtin.template": task}],
    }


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Texts:
    ansible = Ansible(tmp_path_factory.mktemp("cluster"))
    ansible.content["registry"] = {
        "host": "registry.home.arpa",
        "mirrors": {"docker.io": ["https://registry.home.arpa/hub"]},
    }
    ansible.write()
    return rendered(ansible, _TEXTS)


def parsed(text: str) -> Any:
    return YAML(typ="safe").load(text)


def test_a_server_s_settings_name_all_addresses_and_no_way_of_joining(texts: Texts) -> None:
    settings = parsed(texts["config.yaml", "server-2"])
    assert settings["tls-san"] == [f"192.168.20.{last}" for last in (10, 11, 12, 13)]
    assert settings["node-ip"] == "192.168.20.12"
    assert settings["secrets-encryption"] is True
    assert not {"cluster-init", "server", "token"} & set(settings)


def test_all_servers_have_the_same_settings_but_for_themselves(texts: Texts) -> None:
    first, second = (parsed(texts["config.yaml", host]) for host in ("server-1", "server-2"))
    assert {key for key in first if first[key] != second[key]} == {"node-name", "node-ip"}


def test_an_agent_joins_at_the_address_that_outlives_servers(texts: Texts) -> None:
    assert parsed(texts["config.yaml", "agent-1"])["server"] == "https://192.168.20.10:6443"


def test_registries_come_from_the_definition(texts: Texts) -> None:
    assert parsed(texts["registries.yaml", "agent-1"]) == {
        "mirrors": {
            "registry.home.arpa": {"endpoint": ["https://registry.home.arpa"]},
            "docker.io": {"endpoint": ["https://registry.home.arpa/hub"]},
        }
    }


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
def test_kube_vip_s_manifest_is_what_kubernetes_understands(texts: Texts, version: str) -> None:
    objects = list(YAML(typ="safe").load_all(texts["kube-vip.yaml", "server-1"]))
    assert [mistake for found in objects for mistake in mistakes(found, version, Definitions({}))] == []
    container = objects[-1]["spec"]["template"]["spec"]["containers"][0]
    assert {"name": "address", "value": "192.168.20.10"} in container["env"]
    assert ":v" in container["image"]


def test_only_servers_let_the_api_and_etcd_in(texts: Texts) -> None:
    rules = {host: texts["firewall.nft", host] for host in ("server-1", "agent-1")}
    assert "tcp dport { 2379, 2380 }" in rules["server-1"]
    assert "2379" not in rules["agent-1"]
    assert "6443" not in rules["agent-1"]
    assert all("flush" not in text for text in rules.values())


def test_who_calls_himself_a_pod_must_come_by_the_pods_interfaces(texts: Texts) -> None:
    [rule] = [line for line in texts["firewall.nft", "agent-1"].splitlines() if "10.42.0.0/16" in line]
    assert rule.split("ip saddr")[0].strip() == 'iifname { "cni0", "flannel.1" }'


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("nft") is None, reason="nft checks rules as root only")
@pytest.mark.parametrize("host", ["server-1", "agent-1"])
def test_nft_understands_the_firewall(texts: Texts, host: str) -> None:
    assert complaint_of_nft(texts["firewall.nft", host]) == ""


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("nft") is None, reason="nft checks rules as root only")
def test_administrators_may_be_in_the_nodes_own_network(ansible: Ansible) -> None:
    ansible.content["firewall"]["administrators"] = ["192.168.20.128/25", "192.168.0.0/16"]
    ansible.write()
    texts = rendered(ansible, [("base", "firewall.nft.j2", "server-1")])
    assert complaint_of_nft(texts["firewall.nft", "server-1"]) == ""


def complaint_of_nft(rules: str) -> str:
    command = ["nft", "--check", "--file", "-"]
    return subprocess.run(
        command, input=rules, capture_output=True, text=True, timeout=30, check=False
    ).stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is systemd's")
@pytest.mark.parametrize(("name", "host"), [("k3s.service", "server-1"), ("k3s-agent.service", "agent-1")])
def test_systemd_understands_the_units(texts: Texts, tmp_path: Path, name: str, host: str) -> None:
    unit = tmp_path / name
    unit.write_text(texts[name, host])
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stderr
    # that the programs are not on this machine is no mistake of the unit
    assert [line for line in told.splitlines() if name in line and "not executable" not in line] == []
