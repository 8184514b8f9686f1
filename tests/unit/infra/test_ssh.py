"""What the real ssh understands of the options that it is called with."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from infra import ssh
from infra.playbooks.command import Run, environment


def understood(begun: Sequence[str]) -> Mapping[str, str]:
    """Its settings, by ssh itself; nobody's own configuration is read."""
    argv = [begun[0], "-G", "-F", "/dev/null", *begun[1:], "homeostat@192.168.20.11"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)
    return dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)


@pytest.fixture
def known_hosts(tmp_path: Path) -> Path:
    return tmp_path / "my state" / "known_hosts"


def test_nobody_is_asked_and_no_other_key_is_tried(tmp_path, known_hosts):
    # ssh does not believe in a key that is not there
    (tmp_path / "my key").touch()
    seen = understood(ssh.command(tmp_path / "my key", ssh.held_to(known_hosts), 5.0))
    assert seen["identityfile"] == str(tmp_path / "my key")
    assert (seen["identitiesonly"], seen["batchmode"], seen["connecttimeout"]) == ("yes", "yes", "5")


def test_a_machine_is_held_to_its_first_key_also_where_the_path_has_a_space(tmp_path, known_hosts):
    seen = understood(ssh.command(tmp_path / "key", ssh.held_to(known_hosts), 5.0))
    assert (seen["stricthostkeychecking"], seen["userknownhostsfile"]) == ("accept-new", str(known_hosts))


def test_who_only_looks_writes_the_keys_of_new_machines_nowhere(tmp_path, known_hosts):
    seen = understood(ssh.command(tmp_path / "key", ssh.compared_with(known_hosts), 5.0))
    assert (seen["stricthostkeychecking"], seen["updatehostkeys"]) == ("accept-new", "false")
    assert seen["userknownhostsfile"] == f"/dev/null {known_hosts}"


def test_ansible_calls_ssh_with_the_same_host_keys_and_gives_up_a_machine_without_power(tmp_path):
    variables = environment(Run("site", tmp_path / "cluster.yaml"), tmp_path, tmp_path / "my state")
    seen = understood(["ssh", *shlex.split(variables["ANSIBLE_SSH_COMMON_ARGS"])])
    known_hosts = tmp_path / "my state" / "homelab" / "known_hosts"
    assert (seen["stricthostkeychecking"], seen["userknownhostsfile"]) == ("accept-new", str(known_hosts))
    assert (seen["serveraliveinterval"], seen["serveralivecountmax"]) == ("10", "3")
