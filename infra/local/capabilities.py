"""What a machine must be able to do for a local cluster, asked before anything starts."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from homeostat.errors import MachineError
from infra import disk
from infra.local import cgroups, network
from infra.local.command import run
from infra.local.errors import CommandFailed
from infra.local.place import Place

GIBIBYTE = 1024**3
#: images, their snapshots and the volumes; measured with everything of the local overlays running
DISK_BYTES = 8 * GIBIBYTE
#: what the control plane and the pods use, and some room
MEMORY_BYTES = 6 * GIBIBYTE
#: what starting needs besides the programs that are fetched
_PROGRAMS = {
    "ip": "iproute2",
    "nsenter": "util-linux",
    "unshare": "util-linux",
    "mount": "mount",
    "umount": "mount",
    "git": "git",
}
#: what the kubelet can't do without; on cgroup v1 each is a hierarchy, on v2 a controller
CONTROLLERS = ("cpu", "cpuset", "memory", "pids")
#: where every kubelet of a machine listens for devices, whatever it is configured to
_KUBELETS_SOCKET = Path("/var/lib/kubelet/device-plugins/kubelet.sock")

#: a sentence when the machine lacks the capability
Capability = Callable[[Place], str | None]


@dataclass(frozen=True, slots=True)
class Amounts:
    """What the machine has, in bytes."""

    disk: int
    memory: int


def require(place: Place) -> None:
    """Make sure that the machine can run the cluster.

    Raises:
        MachineError: with one sentence for every capability that it lacks.
        NotOurs: when another clone's cluster runs here.
    """
    # without these the others can't even be asked
    require_linux_and_root(place)
    network.require_ours(place)
    if lacks := [lack for capability in _ALL if (lack := capability(place))]:
        raise MachineError("\n".join(lacks))


def require_linux_and_root(place: Place) -> None:
    """Make sure that a cluster can be worked on at all: on Linux, as root, with the usual programs.

    Raises:
        MachineError: with a sentence for the first that is not so.
    """
    for first in (_linux, _root, _programs):
        if lack := first(place):
            raise MachineError(lack)


def too_little(amounts: Amounts, place: Place) -> str | None:
    """What is too little of disk and memory, in one sentence."""
    if amounts.disk < DISK_BYTES:
        return (
            f"The local cluster needs {DISK_BYTES // GIBIBYTE} GiB free on the disk that holds "
            f"{place.folder}, and {amounts.disk / GIBIBYTE:.1f} GiB are free."
        )
    if amounts.memory < MEMORY_BYTES:
        return (
            f"The local cluster needs {MEMORY_BYTES // GIBIBYTE} GiB of available memory, "
            f"and this machine has {amounts.memory / GIBIBYTE:.1f} GiB."
        )
    return None


def available_memory(meminfo: str) -> int:
    r"""The bytes that ``/proc/meminfo`` calls available.

    >>> available_memory("MemTotal: 8 kB\nMemAvailable:   4 kB")
    4096
    """
    for line in meminfo.splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return 0


def missing_controllers(mounts: str, unified: str) -> Sequence[str]:
    """The controllers that neither a v1 hierarchy in ``/proc/mounts`` nor v2's ``cgroup.controllers`` has."""
    lines = [line.split() for line in mounts.splitlines()]
    v1 = {
        option for words in lines if len(words) > 3 and words[2] == "cgroup" for option in words[3].split(",")
    }
    there = v1 | set(unified.split())
    return [controller for controller in CONTROLLERS if controller not in there]


def _linux(_place: Place) -> str | None:
    return None if sys.platform == "linux" else f"The local cluster needs Linux, and this is {sys.platform}."


def _root(_place: Place) -> str | None:
    if os.geteuid() == 0:
        return None
    return "The local cluster needs root (it makes network namespaces and mounts): run this with sudo."


def _programs(_place: Place) -> str | None:
    missing = [name for name in _PROGRAMS if shutil.which(name) is None]
    if not missing:
        return None
    packages = " ".join(sorted({_PROGRAMS[name] for name in missing}))
    return f"Not on PATH: {', '.join(missing)}; install with: apt-get install {packages}"


def _network_namespaces(_place: Place) -> str | None:
    return _tried("make a network namespace", "unshare", "--net", "true")


def _cables(_place: Place) -> str | None:
    command = ("unshare", "--net", "ip", "link", "add", "a0", "type", "veth", "peer", "name", "b0")
    return _tried("make a virtual network cable (the kernel's module veth)", *command)


def _mounts(_place: Place) -> str | None:
    command = ("unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt")
    return _tried("mount a file system", *command)


def _overlays(place: Place) -> str | None:
    """Images are stacks of folders; the stack must be possible where they will lie."""
    existing = next(path for path in (place.folder, *place.folder.parents) if path.exists())
    with tempfile.TemporaryDirectory(dir=existing, prefix=".overlay-") as name:
        for part in ("lower", "upper", "work", "merged"):
            (Path(name) / part).mkdir()
        options = f"lowerdir={name}/lower,upperdir={name}/upper,workdir={name}/work"
        command = ("mount", "-t", "overlay", "overlay", "-o", options, f"{name}/merged")
        return _tried(f"mount an overlay file system in {existing}", "unshare", "--mount", *command)


def _controllers(_place: Place) -> str | None:
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    unified = cgroups.CGROUPS / "cgroup.controllers"
    missing = missing_controllers(mounts, unified.read_text(encoding="ascii") if unified.exists() else "")
    if not missing:
        return None
    return (
        f"The machine's control groups lack {', '.join(missing)}: the kernel must have them, "
        "and /sys/fs/cgroup must be mounted."
    )


def _group_can_be_made(_place: Place) -> str | None:
    for group in cgroups.groups():
        trial = group.with_name(f"{group.name}-trial")
        try:
            trial.mkdir()
            trial.rmdir()
        except OSError as error:
            return f"This machine does not let us make a control group ({trial}: {error.strerror})."
    return None


def _amounts(place: Place) -> str | None:
    meminfo = Path("/proc/meminfo").read_text(encoding="ascii")
    free = disk.free_bytes(place.folder)
    # a cluster that is there has taken its share already
    return None if network.exists() else too_little(Amounts(free, available_memory(meminfo)), place)


def _networks(_place: Place) -> str | None:
    taken = network.taken()
    if not taken:
        return None
    return (
        f"The network {taken[0]} is routed elsewhere on this machine (see: ip route show table all), "
        "and the local cluster needs it for itself."
    )


def _no_other_kubelet(_place: Place) -> str | None:
    if not _KUBELETS_SOCKET.exists() or network.exists():
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        try:
            client.connect(str(_KUBELETS_SOCKET))
        except OSError:
            return None
    return "This machine is already a node of a Kubernetes cluster (a kubelet runs): use another machine."


def _tried(what: str, *command: str) -> str | None:
    try:
        run(*command)
    except CommandFailed as failure:
        return f"This machine does not let us {what}: {failure}"
    return None


_ALL: Sequence[Capability] = (
    *(_network_namespaces, _cables, _mounts, _overlays, _controllers, _group_can_be_made),
    *(_amounts, _networks, _no_other_kubelet),
)
