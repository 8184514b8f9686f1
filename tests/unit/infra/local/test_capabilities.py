"""What a machine must be able to do, and how it is told what it can't."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeostat.errors import MachineError
from infra.local import capabilities
from infra.local.capabilities import GIBIBYTE, Amounts, available_memory, missing_controllers, too_little
from infra.local.place import Place

PLACE = Place(Path("/root"), Path("/state/cluster"))
V1 = """\
cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu 0 0
cgroup /sys/fs/cgroup/cpuset cgroup rw,relatime,cpuset 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0
"""


def test_a_full_disk_is_named_with_what_is_free_and_what_is_needed() -> None:
    sentence = too_little(Amounts(disk=GIBIBYTE // 2, memory=64 * GIBIBYTE), PLACE)
    assert sentence is not None
    assert "needs 8 GiB free on the disk that holds /state/cluster, and 0.5 GiB are free" in sentence


def test_little_memory_is_named_with_what_there_is() -> None:
    sentence = too_little(Amounts(disk=64 * GIBIBYTE, memory=GIBIBYTE), PLACE)
    assert sentence is not None
    assert "this machine has 1.0 GiB" in sentence


def test_enough_of_both_is_no_complaint() -> None:
    assert too_little(Amounts(disk=64 * GIBIBYTE, memory=64 * GIBIBYTE), PLACE) is None


def test_memory_is_what_the_kernel_calls_available() -> None:
    assert available_memory("MemTotal: 9 kB\nMemAvailable: 2 kB\n") == 2048
    assert available_memory("") == 0


def test_controllers_are_found_in_both_generations() -> None:
    assert missing_controllers(V1, "pids io") == []
    assert missing_controllers("", "cpuset cpu io memory pids") == []


def test_a_missing_controller_is_named() -> None:
    assert missing_controllers(V1, "") == ["pids"]


def test_who_is_not_root_is_told_to_use_sudo(monkeypatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(MachineError, match=r"needs root.*sudo"):
        capabilities.require_linux_and_root(PLACE)


def test_missing_programs_are_named_with_the_command_that_installs_them(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MachineError, match="apt-get install git iproute2 mount util-linux"):
        capabilities.require_linux_and_root(PLACE)
