"""What kustomize would fetch from elsewhere and so is not judged here: one list, with the reason for each.

The objects that stand in the same overlays are judged. ``test_overlays_render.py`` holds the list to what is
found, so that nothing leaves the judged part unseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Remote:
    """A chart or file that a kustomization takes from another place."""

    kustomization: Path
    what: str


def remote(folder: str, what: str) -> Remote:
    """``what`` in the kustomization.yaml of ``folder``."""
    return Remote(Path(folder, "kustomization.yaml"), what)


NOT_RENDERED: Mapping[Remote, str] = {
    remote("manifests/kserve-crds/overlays/homelab", "chart kserve-crd"): (
        "KServe publishes its definitions as a chart in a registry; the local overlay holds one of them."
    ),
    remote("manifests/kserve/overlays/homelab", "chart kserve-resources"): (
        "KServe's controller is a chart in a registry, made for clusters that reach it."
    ),
    remote(
        "manifests/cert-manager/overlays/homelab",
        "https://github.com/cert-manager/cert-manager/releases/download/v1.21.2/cert-manager.yaml",
    ): "cert-manager's manifests are a file of its release; its Go module does not hold them.",
}

#: kinds whose definitions come with those, by apiVersion and kind
UNDEFINED_KINDS: Mapping[tuple[str, str], str] = {
    ("cert-manager.io/v1", "Certificate"): "cert-manager's manifests define it.",
    ("cert-manager.io/v1", "Issuer"): "cert-manager's manifests define it.",
}


def pod(namespace: str, name: str, port: int, **labels: str) -> Mapping[str, Any]:
    """A pod with one port, as policies see it."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"namespace": namespace, "name": name, "labels": labels},
        "spec": {"containers": [{"name": name, "ports": [{"containerPort": port}]}]},
    }


_NAME = "app.kubernetes.io/name"
#: the pods of those, with the labels that upstream gives them: policies speak about them
PODS_OF_CHARTS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "homelab": (
        pod("cert-manager", "cert-manager", 9402, **{_NAME: "cert-manager"}),
        pod("cert-manager", "cert-manager-cainjector", 9402, **{_NAME: "cainjector"}),
        pod("cert-manager", "cert-manager-webhook", 10250, **{_NAME: "webhook"}),
        pod(
            "kserve",
            "kserve-controller-manager",
            9443,
            **{_NAME: "kserve-controller-manager", "control-plane": "kserve-controller-manager"},
        ),
    )
}
