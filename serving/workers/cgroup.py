"""How much CPU time this process's control group may use: version 2's ``cpu.max``, version 1's CFS quota.

A limit may stand at any level above the process, and the tightest one counts. Inside of a container the path
in ``/proc/self/cgroup`` can be the host's while the mount shows the container's own group as the root, so the
root is looked at in any case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

MEMBERSHIP = Path("/proc/self/cgroup")
MOUNT = Path("/sys/fs/cgroup")


def quota_cpus(membership: Path = MEMBERSHIP, mount: Path = MOUNT) -> float | None:
    """CPUs' worth of time that this process may use, such as 1.5; None when nothing limits it."""
    try:
        lines = membership.read_text().splitlines()
    except OSError:
        return None  # no Linux
    return min(_quotas(lines, mount), default=None)


def _quotas(lines: Iterable[str], mount: Path) -> Iterator[float]:
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            # version 2 alone, or beside version 1 as systemd mounts it
            for root in (mount, mount / "unified"):
                yield from _found(_version_2(folder) for folder in _upwards(root, path))
        elif "cpu" in controllers.split(","):
            for root in (mount / "cpu", mount / controllers):
                yield from _found(_version_1(folder) for folder in _upwards(root, path))


def _upwards(root: Path, path: str) -> Iterator[Path]:
    inner = PurePosixPath(path.lstrip("/"))
    for level in (inner, *inner.parents):
        yield root / level


def _found(quotas: Iterable[float | None]) -> Iterator[float]:
    return (quota for quota in quotas if quota is not None)


def _version_2(folder: Path) -> float | None:
    with suppress(OSError, ValueError):
        quota, period = (folder / "cpu.max").read_text().split()
        return None if quota == "max" else _share(int(quota), int(period))
    return None


def _version_1(folder: Path) -> float | None:
    with suppress(OSError, ValueError):
        quota = int((folder / "cpu.cfs_quota_us").read_text())
        return _share(quota, int((folder / "cpu.cfs_period_us").read_text()))
    return None


def _share(quota: int, period: int) -> float | None:
    # version 1 says -1 for no limit
    return quota / period if quota > 0 and period > 0 else None
