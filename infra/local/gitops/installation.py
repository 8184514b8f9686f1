"""Argo CD as it is installed here: its release with ``argocd/install`` on top, as one text of manifests.

``argocd/install/upstream`` names the release by its addresses; the same files stand in for it, because the
cluster must start without a network.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from infra.local.kubectl import Kubectl

#: what stands in ``argocd/install/upstream/<name>`` for the addresses: paths in the release's manifests
_STAND_INS = {"core": ("core-install.yaml", "base/notification"), "full": ("install.yaml",)}
_KUSTOMIZATION = "kustomization.yaml"


def render(kubectl: Kubectl, root: Path, release: Path, environment: str) -> str:
    """The manifests of ``argocd/install/overlays/<environment>``.

    Args:
        kubectl: renders kustomizations; no cluster is asked.
        root: the repository.
        release: the folder ``manifests`` of Argo CD's release.
        environment: ``local`` or ``homelab``.
    """
    with tempfile.TemporaryDirectory(prefix="homeostat-argocd-") as scratch:
        copy = Path(scratch) / "argocd"
        shutil.copytree(root / "argocd", copy)
        for name, paths in _STAND_INS.items():
            _stand_in(copy / "install" / "upstream" / name, release, paths)
        return kubectl.run("kustomize", str(copy / "install" / "overlays" / environment))


def _stand_in(folder: Path, release: Path, paths: tuple[str, ...]) -> None:
    names: list[str] = []
    for path in paths:
        found = release / path
        names.append(found.name)
        if found.is_dir():
            shutil.copytree(found, folder / found.name)
        else:
            shutil.copyfile(found, folder / found.name)
    resources = "".join(f"  - {name}\n" for name in names)
    text = f"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n{resources}"
    (folder / _KUSTOMIZATION).write_text(text, encoding="utf-8")
