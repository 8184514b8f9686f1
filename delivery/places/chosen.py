"""Which place a state folder belongs to: the composition root of places."""

from __future__ import annotations

from pathlib import Path

from delivery.places.cluster import ClusterPlace
from delivery.places.place import Packaged, Place, Say
from delivery.places.process import ProcessPlace
from homeostat.paths import repository_root
from infra.gitops.kubectl import Kubectl
from infra.local.place import Place as ClusterFolder


def place_of(state: Path) -> Place:
    """The place whose state lies in ``state``: a cluster has a kubeconfig there."""
    if not (state / "kubeconfig").exists():
        return ProcessPlace(state)
    folder = ClusterFolder(repository_root(), state)

    def build(packaged: Packaged, say: Say) -> str:
        from infra.local.images import build_model  # noqa: PLC0415 - only the image stage needs it

        return build_model(packaged.bento, packaged.model, folder, say, packaged.containerfile)

    return ClusterPlace(Kubectl(folder.programs / "kubectl", folder.kubeconfig), folder.forge, build)
