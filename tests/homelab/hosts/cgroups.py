"""A control group per host, in each hierarchy of the machine: what its systemd sees as the root."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from infra.local.cgroups import CGROUPS, hierarchies
from tests.homelab.hosts.waiting import wait_until

_PREFIX = "homeostat-lab"
_DEADLINE_SECONDS = 10.0


def create(machine: str) -> Sequence[Path]:
    """Make the groups of a host."""
    made = [hierarchy / f"{_PREFIX}-{machine}" for hierarchy in _hierarchies()]
    for group in made:
        group.mkdir(exist_ok=True)
        for setting in ("cpuset.cpus", "cpuset.mems"):
            # cgroup v1: a group without them takes no process
            if (group.parent / setting).exists():
                (group / setting).write_text((group.parent / setting).read_text())
        with suppress(OSError):
            (group.parent / "cgroup.subtree_control").write_text("+cpu +memory +pids")
    return made


def remove(machines: str) -> None:
    """Remove the groups of the hosts that match ``machines``, as soon as their last processes are gone."""
    found = [group for hierarchy in _hierarchies() for group in hierarchy.glob(f"{_PREFIX}-{machines}")]
    for group in found:
        wait_until(
            lambda group=group: _removed(group),
            _DEADLINE_SECONDS,
            lambda group=group: f"the control group {group} still holds processes.",
        )


def _removed(group: Path) -> bool:
    for folder, _, _ in os.walk(group, topdown=False):
        with suppress(OSError):
            Path(folder).rmdir()
    return not group.exists()


def _hierarchies() -> Sequence[Path]:
    return hierarchies(Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace"), CGROUPS)
