"""Argo CD as it is installed here: its release with ``argocd/install`` on top, as one text of manifests.

``argocd/install/upstream`` names the release by its addresses; the same files stand in for it, because the
cluster must start without a network.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from homeostat import digest
from infra.gitops.errors import InstallationError
from infra.gitops.kubectl import Kubectl

#: what stands in ``argocd/install/upstream/<name>`` for the addresses: paths in the release's manifests
_STAND_INS = {"core": ("core-install.yaml", "base/notification"), "full": ("install.yaml",)}
_KUSTOMIZATION = "kustomization.yaml"
#: the ConfigMaps out of which Argo CD's pods get environment variables
_PARAMETERS = re.compile(r"^  name: (argocd-cm|argocd-cmd-params-cm)$", re.MULTILINE)
_WITH_DIGEST = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../argocd/install/overlays/{environment}]
patches:
  - target: {{kind: Deployment|StatefulSet}}
    patch: |
      apiVersion: apps/v1
      kind: any
      metadata:
        name: any
      spec:
        template:
          metadata:
            annotations:
              homeostat.dev/parameters: "{digest}"
"""


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
        rendered = kubectl.run("kustomize", str(copy / "install" / "overlays" / environment))
        final = Path(scratch) / "final"
        final.mkdir()
        text = _WITH_DIGEST.format(environment=environment, digest=_parameters(rendered))
        (final / _KUSTOMIZATION).write_text(text, encoding="utf-8")
        return kubectl.run("kustomize", str(final))


def _parameters(rendered: str) -> str:
    found = [
        document
        for document in rendered.split("\n---\n")
        if "\nkind: ConfigMap\n" in document and _PARAMETERS.search(document)
    ]
    if len(found) != 2:
        raise InstallationError(f"Argo CD's manifests have {len(found)} ConfigMaps of parameters, not 2.")
    return digest.of_bytes("".join(found).encode())[:12]


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
