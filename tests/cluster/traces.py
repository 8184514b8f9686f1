"""Everything that a cluster could leave on a machine, as sets that can be compared."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from infra.linux import proc
from infra.linux.marks import MARKS_VARIABLE

#: where the cluster's programs write whatever they are configured to
_FOLDERS = (
    "/run/containerd/s",
    "/var/log/containers",
    "/var/lib/cni/results",
    "/var/lib/kubelet",
    "/run/netns",
)


def traces(folder: Path, mark: str) -> dict[str, set[str]]:
    """What is on the machine now, by kind; of the processes those of the cluster in ``folder``."""
    return {
        "mounts": set(Path("/proc/self/mounts").read_text().splitlines()),
        "network namespaces": _lines("ip", "netns", "list"),
        "network devices": {line.split(":")[1] for line in _lines("ip", "-oneline", "link", "show")},
        "routes": _lines("ip", "route", "show", "table", "all"),
        "firewall rules": _firewall(),
        "control groups": {str(path) for path in Path("/sys/fs/cgroup").rglob("*homeostat*")},
        "files": {str(path) for name in _FOLDERS for path in Path(name).rglob("*")},
        "processes": _processes(folder, mark),
    }


def _processes(folder: Path, mark: str) -> set[str]:
    return {
        f"{pid} {proc.command(pid)}"
        for pid in proc.own_processes()
        if proc.identity(pid) and (mark in proc.variable(pid, MARKS_VARIABLE) or _mentions(pid, folder))
    }


def _mentions(pid: int, folder: Path) -> bool:
    try:
        return str(folder).encode() in (proc.PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return False


def _firewall() -> set[str]:
    """The host's rules, without the counters that every packet changes."""
    if shutil.which("iptables-save") is None:
        return set()
    return {line for line in _lines("iptables-save") if not line.startswith(("#", ":"))}


def _lines(*command: str) -> set[str]:
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(ran.stdout.splitlines())
