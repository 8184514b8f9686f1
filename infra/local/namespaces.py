"""How a component enters the namespaces that it lives in.

containerd and the kubelet mount a great deal, and share what they mount with pods that ask for it, for which
the root file system must be shared (mount_namespaces(7)). So the two have mounts of their own: the machine's
table of mounts stays as it is, and what they mounted is gone with the last process that sees it. No file
holds the namespace; it is entered through a process in it: containerd, the kubelet, or a container's shim.
"""

from __future__ import annotations

from infra.linux import proc
from infra.linux.marks import MARKS_VARIABLE
from infra.local.component import Component, Mounts, parse_marks
from infra.local.place import Place

#: what the machine mounts later is seen inside; what is mounted inside is not seen on the machine
_ANEW = (
    *("unshare", "--mount", "--propagation", "slave", "--"),
    *("sh", "-c", 'mount --make-rshared / && exec "$@"', "sh"),
)


def entrance(place: Place, component: Component) -> tuple[str, ...]:
    """What goes before the component's own command, so that it runs in its namespaces."""
    network = ("nsenter", f"--net={component.network}", "--") if component.network else ()
    return (*network, *(_into_mounts(place) if component.mounts is Mounts.OF_THE_NODE else ()))


def _into_mounts(place: Place) -> tuple[str, ...]:
    holder = _holder(place)
    return _ANEW if holder is None else ("nsenter", f"--mount={proc.PROC}/{holder}/ns/mnt", "--")


def _holder(place: Place) -> int | None:
    """A process of this cluster in the node's mounts; None when there is none, and so no such mounts."""
    machine = proc.namespace("self", "mnt")
    for pid in proc.own_processes():
        marks = parse_marks(place.mark, proc.variable(pid, MARKS_VARIABLE))
        if marks and marks[0] in {"containerd", "kubelet"}:
            there = proc.namespace(pid, "mnt")
            if there is not None and there != machine:
                return pid
    return None
