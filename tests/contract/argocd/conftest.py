"""Argo CD's own program as the judge of its configuration; no cluster is asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.contract.argocd.judge import Judge
from tests.contract.overlays import Overlay
from tests.contract.rendering import workshop
from tests.programs import find

LOCAL = Overlay("local", Path("argocd/install/overlays/local"))
#: well-formed, and nobody is there
KUBECONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "none", "cluster": {"server": "http://127.0.0.1:1"}}],
    "contexts": [{"name": "none", "context": {"cluster": "none", "namespace": "argocd"}}],
    "current-context": "none",
}


@pytest.fixture(scope="session")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """The configuration of the local cluster; health and notifications are the homelab's as well."""
    folder: Path = tmp_path_factory.mktemp("argocd")
    (folder / "kubeconfig").write_text(json.dumps(KUBECONFIG), encoding="utf-8")
    for found in workshop().render(LOCAL):
        if found["kind"] == "ConfigMap":
            (folder / f"{found['metadata']['name']}.json").write_text(json.dumps(found), encoding="utf-8")
    return Judge(find("go", "argocd"), folder)
