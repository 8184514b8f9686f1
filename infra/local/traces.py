"""Files that the cluster's programs leave outside of its folder, at places that they don't let one choose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from infra.local.node import NETWORK_NAME
from infra.local.place import Place

#: containerd's shims listen here, whatever containerd's own state folder is
_SHIM_SOCKETS = Path("/run/containerd/s")
#: the kubelet links the logs of containers here
_LINKED_LOGS = Path("/var/log/containers")
#: the kubelet waits for device plugins here
_DEVICES = Path("/var/lib/kubelet/device-plugins")
#: containerd remembers here how a pod was connected
_CONNECTIONS = Path("/var/lib/cni/results")


def remove(place: Place) -> Sequence[str]:
    """Remove the cluster's traces; folders are removed when nothing else is in them.

    To be called after the processes are gone, and before the folder of what runs is.
    """
    files = [*_shim_sockets(place), *_linked_logs(place), *_connections(), *_devices()]
    for file in files:
        file.unlink(missing_ok=True)
    for folder in (_SHIM_SOCKETS, _LINKED_LOGS, _DEVICES, _CONNECTIONS):
        _remove_empty(folder)
    return [str(file) for file in files]


def _shim_sockets(place: Place) -> Iterable[Path]:
    for address in place.running.glob("containerd/io.containerd.runtime.v2.task/*/*/address"):
        socket = Path(address.read_text(encoding="utf-8").strip().removeprefix("unix://"))
        if socket.is_relative_to(_SHIM_SOCKETS):
            yield socket


def _linked_logs(place: Place) -> Iterable[Path]:
    if _LINKED_LOGS.is_dir():
        for link in _LINKED_LOGS.iterdir():
            if link.is_symlink() and link.readlink().is_relative_to(place.pod_logs):
                yield link


def _connections() -> Iterable[Path]:
    """Of each pod, its cable and its loopback; the latter bears the pod's name, and not the network's."""
    for cable in _CONNECTIONS.glob(f"{NETWORK_NAME}-*") if _CONNECTIONS.is_dir() else ():
        pod = cable.name.removeprefix(f"{NETWORK_NAME}-").partition("-")[0]
        yield from (cable, *_CONNECTIONS.glob(f"cni-loopback-{pod}-*"))


def _devices() -> Iterable[Path]:
    """The capabilities made sure that no other kubelet runs here."""
    names = ("kubelet.sock", "kubelet_internal_checkpoint")
    return [path for name in names if (path := _DEVICES / name).exists()]


def _remove_empty(folder: Path) -> None:
    """Remove the folder and its parents as far as they are empty, up to what the distribution made."""
    with suppress(OSError):
        while folder not in {Path("/run"), Path("/var/lib"), Path("/var/log")}:
            folder.rmdir()
            folder = folder.parent
