"""Stop the homelab's cluster, or remove it with its machines."""

from __future__ import annotations

from collections.abc import Sequence

from infra.cluster.step import Say, Step
from infra.homelab.opening import opened
from infra.homelab.place import Place


def stop_steps(place: Place) -> Sequence[Step]:
    """Shut the machines down; their disks stay."""
    return (Step("shut the machines down", lambda say: opened(place, say).machines.shut_down(say)),)


def removal_steps(place: Place) -> Sequence[Step]:
    """Destroy the machines that carry this cluster's tags, and forget them here."""

    def forget(_say: Say) -> Sequence[str]:
        files = [file for file in (place.kubeconfig, place.known_hosts) if file.exists()]
        for file in files:
            file.unlink()
        return [file.name for file in files]

    return (
        Step("destroy the machines", lambda say: opened(place, say).machines.destroy(say)),
        Step("forget them here", forget),
    )
