"""Stop the homelab's cluster, or remove it with its machines."""

from __future__ import annotations

from collections.abc import Sequence

from infra.cluster.step import Say, Step
from infra.homelab.opening import opened
from infra.homelab.place import Place


def stop_steps(place: Place) -> Sequence[Step]:
    """Shut the machines down; their disks stay."""

    def shut_down(say: Say) -> Sequence[str]:
        with opened(place, say) as homelab:
            return homelab.machines.shut_down(say)

    return (Step("shut the machines down", shut_down),)


def removal_steps(place: Place) -> Sequence[Step]:
    """Destroy the machines that carry this cluster's tags, and forget them here."""

    def destroy(say: Say) -> Sequence[str]:
        with opened(place, say) as homelab:
            return homelab.machines.destroy(say)

    def forget(_say: Say) -> Sequence[str]:
        files = [file for file in (place.kubeconfig, place.known_hosts) if file.exists()]
        for file in files:
            file.unlink()
        return [file.name for file in files]

    return (
        Step("destroy the machines", destroy),
        Step("forget them here", forget),
    )
