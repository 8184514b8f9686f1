"""The inventory is cluster.yaml itself: hosts, groups and variables, or one sentence for every mistake."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.unit.ansible.conftest import GUEST, OWNER, Ansible


def listed(ansible: Ansible, **variables: str) -> dict[str, Any]:
    run = ansible.run("ansible-inventory", "--list", **variables)
    assert run.returncode == 0, run.stderr
    return _plain(json.loads(run.stdout))


def _plain(value: Any) -> Any:
    """Without the marks by which Ansible remembers that a value is no template."""
    if isinstance(value, dict):
        return (
            _plain(value["__ansible_unsafe"])
            if "__ansible_unsafe" in value
            else {k: _plain(v) for k, v in value.items()}
        )
    return [_plain(one) for one in value] if isinstance(value, list) else value


def test_nodes_are_grouped_by_what_they_do(ansible: Ansible) -> None:
    groups = listed(ansible)
    assert groups["k3s_server"]["hosts"] == ["server-1", "server-2", "server-3"]
    assert groups["k3s_agent"]["hosts"] == ["agent-1"]
    assert sorted(groups["k3s_cluster"]["children"]) == ["k3s_agent", "k3s_server"]


def test_a_host_knows_how_it_is_entered_and_what_it_is(ansible: Ansible) -> None:
    agent = listed(ansible)["_meta"]["hostvars"]["agent-1"]
    assert (agent["ansible_host"], agent["ansible_user"]) == ("192.168.20.21", "homeostat")
    assert agent["node_labels"] == {"homeostat.dev/pool": "models"}
    assert agent["node_taints"] == ["gpu=yes:NoSchedule"]
    assert (
        agent["node_registration"] == "--node-label=homeostat.dev/pool=models --node-taint=gpu=yes:NoSchedule"
    )
    assert agent["virtual_machine"]["memory"] == 4 * 2**30


def test_all_hosts_know_the_cluster(ansible: Ansible) -> None:
    server = listed(ansible)["_meta"]["hostvars"]["server-2"]
    assert (server["k3s_api_endpoint"], server["k3s_first_server"]) == ("192.168.20.10", "server-1")
    assert server["k3s_version"] == server["homeostat"]["k3s"]["version"] == "v1.34.4+k3s1"
    assert server["ssh_public_keys"] == [OWNER, GUEST]


def test_paths_are_meant_from_where_the_file_lies(ansible: Ansible) -> None:
    server = listed(ansible)["_meta"]["hostvars"]["server-1"]
    assert server["homeostat"]["k3s"]["airgap_folder"] == str(ansible.folder / "release")


def test_keys_of_hosts_are_kept_in_the_state_also_when_its_path_has_a_space(ansible: Ansible) -> None:
    ansible.state = ansible.folder / "my state"
    arguments = shlex.split(listed(ansible)["_meta"]["hostvars"]["server-1"]["ansible_ssh_common_args"])
    assert "StrictHostKeyChecking=accept-new" in arguments
    assert f'UserKnownHostsFile="{ansible.state}/homelab/known_hosts"' in arguments


def test_whoever_starts_the_run_may_say_how_ssh_is_called(ansible: Ansible) -> None:
    hosts = listed(ansible, ANSIBLE_SSH_COMMON_ARGS="-o ConnectTimeout=5")["_meta"]["hostvars"]
    assert "ansible_ssh_common_args" not in hosts["server-1"]


def test_every_mistake_is_one_sentence_and_nothing_else_is_said(ansible: Ansible) -> None:
    ansible.content["nodes"][0]["address"] = "192.168.20.11/24"
    ansible.content["k3s"]["vorsion"] = "v1"
    ansible.write()
    run = ansible.run("ansible-inventory", "--list")
    assert run.returncode != 0
    assert run.stdout == ""
    lines = [line for line in run.stderr.splitlines() if line.strip()]
    assert len(lines) == 2, run.stderr
    assert "'nodes.server-1.address' is '192.168.20.11/24': must be an IPv4 address" in lines[0]
    assert "'k3s.vorsion' is not a known key; did you mean 'version'?" in lines[1]


@pytest.mark.parametrize("program", ["ansible-inventory", "ansible-playbook"])
def test_a_file_that_describes_no_cluster_is_refused(ansible: Ansible, program: str, tmp_path: Path) -> None:
    ansible.definition = tmp_path / "other.yaml"
    ansible.definition.write_text("hosts: {}\n")
    run = ansible.run(
        program, *(["--list"] if program == "ansible-inventory" else [str(tmp_path / "none.yml")])
    )
    assert run.returncode != 0
