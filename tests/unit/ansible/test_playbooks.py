"""Playbooks: Ansible understands them all, and the dangerous ones ask before they reach for any machine."""

from __future__ import annotations

import pytest

from homeostat.yaml_text import read_yaml
from tests.unit.ansible.conftest import ANSIBLE, Ansible


def test_ansible_understands_every_playbook(ansible: Ansible) -> None:
    playbooks = sorted(map(str, (ANSIBLE / "playbooks").glob("*.yml")))
    assert len(playbooks) > 2
    run = ansible.run("ansible-playbook", "--syntax-check", *playbooks)
    assert run.returncode == 0, run.stdout + run.stderr


def play(ansible: Ansible, name: str, *arguments: str) -> str:
    run = ansible.run("ansible-playbook", str(ANSIBLE / "playbooks" / f"{name}.yml"), *arguments)
    assert run.returncode != 0
    # no host was asked: these have addresses that nobody answers at
    assert "UNREACHABLE" not in run.stdout
    return " ".join(f"{run.stdout} {run.stderr}".split())


@pytest.mark.parametrize("confirmation", [[], ["-e", "confirm=other"]])
def test_reset_wants_the_cluster_s_name(ansible: Ansible, confirmation: list[str]) -> None:
    told = play(ansible, "reset", *confirmation)
    assert "This deletes the cluster home with all its data. If you mean it, add: -e confirm=home" in told


def test_a_node_that_is_described_is_not_removed(ansible: Ansible) -> None:
    told = play(ansible, "remove_node", "-e", "node=agent-1", "-e", "confirm=home")
    assert (
        "agent-1 is in cluster.yaml, and the next run would bring it back: take it out there first." in told
    )


def test_a_node_ahead_of_its_cluster_is_refused_before_any_machine_is_asked(ansible: Ansible) -> None:
    ansible.content["nodes"][3]["k3s_version"] = "v1.35.0+k3s1"
    ansible.write()
    assert "agent-1" in play(ansible, "site")


def test_a_play_of_one_host_after_another_ends_at_the_first_that_is_lost() -> None:
    """With any_errors_fatal, Ansible 2.19 goes on with the next batch after a host that can't be reached."""
    plays = [play for path in (ANSIBLE / "playbooks").glob("*.yml") for play in read_yaml(path)]
    in_turn = [play for play in plays if "serial" in play]
    assert len(in_turn) > 5
    assert [play["name"] for play in in_turn if play.get("any_errors_fatal") is not False] == []


def test_a_machine_that_may_be_dead_ends_no_run() -> None:
    """With any_errors_fatal, or where something runs once without ignore_errors, Ansible ends it for all."""
    files = [*(ANSIBLE / "playbooks").glob("*.yml"), *(ANSIBLE / "roles").glob("*/tasks/*.yml")]
    steps = [step for path in files for step in read_yaml(path) if step.get("ignore_unreachable")]
    assert len(steps) > 5
    assert [step["name"] for step in steps if step.get("any_errors_fatal") is not False] == []
    assert [step["name"] for step in steps if step.get("run_once") and not step.get("ignore_errors")] == []


def test_no_folder_of_ansible_shadows_the_package() -> None:
    assert list(ANSIBLE.rglob("__init__.py")) == []
