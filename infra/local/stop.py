"""Stop the local cluster: every process, mount, device and rule goes, and all data stays.

The next start finds what a machine finds after it was switched off and on in an orderly way.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from infra.cluster.step import Say, Step
from infra.linux import mounts
from infra.linux.sweep import sweep
from infra.local import cgroups, containers, network, ownership, processes, traces
from infra.local.capabilities import require_linux_and_root
from infra.local.place import Place

#: how long containers may take to end in their own way; PostgreSQL writes its last checkpoint meanwhile
GRACE_SECONDS = 25.0
#: the first would start again what the others end
_BEFORE_CONTAINERS = ("kubelet", "kube-controller-manager", "kube-scheduler", "kube-proxy")
_LAST = ("kube-apiserver", "etcd")


class Stop:
    """The steps that end the cluster of one place; each finds what is there, whatever happened before."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def steps(self) -> Sequence[Step]:
        """All steps, in their order."""
        return (
            Step("stop what starts pods", self._node),
            Step("stop containers", self._containers),
            Step("stop the control plane", self._control_plane),
            Step("mounts and files of what ran", self._files),
            Step("network and control groups", self._machine),
        )

    def _node(self, _say: Say) -> Sequence[str]:
        require_linux_and_root(self._place)
        network.require_ours(self._place)
        return processes.stop_named(self._place, *_BEFORE_CONTAINERS)

    def _containers(self, _say: Say) -> Sequence[str]:
        return containers.end_all(GRACE_SECONDS)

    def _control_plane(self, _say: Say) -> Sequence[str]:
        others = [found.component for found in processes.running(self._place)]
        first = [name for name in others if name not in _LAST]
        stopped = processes.stop_named(self._place, *first, *_LAST)
        # what is left are the shims of containers, whose containers are gone
        left = sweep(self._place.mark, grace_seconds=0.3)
        return stopped + ([f"{len(left)} processes that were left"] if left else [])

    def _files(self, _say: Say) -> Sequence[str]:
        gone = [f"{len(found)} mounts"] if (found := mounts.unmount_below(self._place.folder)) else []
        traces.remove(self._place)
        for folder in (self._place.running, self._place.short_running):
            shutil.rmtree(folder, ignore_errors=True)
        return gone

    def _machine(self, _say: Say) -> Sequence[str]:
        return [*network.remove(self._place), *cgroups.remove()]


def removal_steps(place: Place) -> Sequence[Step]:
    """The steps that stop the cluster and remove its data."""

    def remove(_say: Say) -> Sequence[str]:
        return ownership.remove(place)

    return (*Stop(place).steps(), Step("remove the data", remove))
