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
        "KServe publishes its controller as a chart in a registry; the local overlay has a stand-in."
    ),
}

#: kinds whose definitions come from elsewhere with what is listed above, by apiVersion and kind
UNDEFINED_KINDS: Mapping[tuple[str, str], str] = {}

#: the pods that those charts make and that policies speak about, by environment
PODS_OF_CHARTS: Mapping[str, tuple[Mapping[str, Any], ...]] = {}
