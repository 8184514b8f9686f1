"""The control group that holds all pods, in each hierarchy of the machine: cgroup v1, v2 or both."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
#: the group's name; what is below it is the cluster's
ROOT = "homeostat-cluster"


def hierarchies(mounts: str, base: Path = CGROUPS) -> Sequence[Path]:
    """The mount points of control groups below ``base``, as ``/proc/mounts`` tells them.

    >>> hierarchies("cgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0")
    [PosixPath('/sys/fs/cgroup/pids')]
    """
    found: list[Path] = []
    for line in mounts.splitlines():
        words = line.split()
        if len(words) > 2 and words[2] in {"cgroup", "cgroup2"} and Path(words[1]).is_relative_to(base):
            found.append(Path(words[1]))
    return found


def groups() -> Sequence[Path]:
    """The cluster's group in each hierarchy of this machine."""
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    return [hierarchy / ROOT for hierarchy in hierarchies(mounts)]


def create() -> Sequence[str]:
    """Make the group in each hierarchy; return where it was missing."""
    missing = [group for group in groups() if not group.is_dir()]
    for group in missing:
        group.mkdir()
    return [f"control group {group}" for group in missing]


def members() -> set[int]:
    """The ids of all processes in the cluster's groups: those of its containers."""
    found: set[int] = set()
    for folder in _all_groups():
        with suppress(OSError):
            text = (folder / "cgroup.procs").read_text(encoding="ascii")
            found |= {int(line) for line in text.split()}
    # in a hierarchy of another process namespace a process may show as 0
    return found - {0, os.getpid()}


def remove() -> Sequence[str]:
    """Remove the groups, which must hold no process any more; return those that were removed."""
    there = [group for group in groups() if group.is_dir()]
    for folder in _all_groups():
        with suppress(OSError):
            folder.rmdir()
    return [f"control group {group}" for group in there if not group.is_dir()]


def _all_groups() -> Iterator[Path]:
    """Each group below the cluster's, deepest first, and the cluster's own last."""
    for group in groups():
        for folder, _, _ in os.walk(group, topdown=False):
            yield Path(folder)
