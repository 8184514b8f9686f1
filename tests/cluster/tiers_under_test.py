"""Two small tiers on a branch of their own in the forge, below a root Application like the platform's."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.gitops.git import neutral_environment
from tests.cluster.live import Live, eventually

NAME = "tiers-under-test"
FIRST = f"{NAME}-first"
SECOND = f"{NAME}-second"
NAMESPACE = "models"
_LABELS = {"app.kubernetes.io/part-of": NAME}
_SERVER = "https://kubernetes.default.svc"
_AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "test"), ("EMAIL", "test@localhost"))
}


@dataclass(frozen=True, slots=True)
class Tiers:
    """What the branch says, and what became of it."""

    live: Live
    folder: Path
    #: where Argo CD reads the forge
    url: str
    #: how the platform's root Application syncs
    policy: dict[str, Any]

    def push(self, first: dict[str, Any]) -> None:
        """Let the first tier deploy ``first``; the second is a ConfigMap."""
        files = {
            "tiers/kustomization.yaml": _kustomization("project.yaml", "first.yaml", "second.yaml"),
            "tiers/project.yaml": self._project(),
            "tiers/first.yaml": self._tier(FIRST, 0, "parts/first"),
            "tiers/second.yaml": self._tier(SECOND, 1, "parts/second"),
            "parts/first/part.yaml": first,
            "parts/second/part.yaml": config_map(SECOND),
        }
        for path, content in files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(content), encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Try")
        self.git("push", "--quiet", str(self.live.forge), f"HEAD:refs/heads/{NAME}")

    def root(self) -> dict[str, Any]:
        """The root Application of these tiers."""
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": NAME, "namespace": "argocd"},
            "spec": {
                "project": "root",
                "source": {"repoURL": self.url, "targetRevision": NAME, "path": "tiers"},
                "destination": {"server": _SERVER, "namespace": "argocd"},
                "syncPolicy": self.policy,
            },
        }

    def exists(self, kind: str, name: str) -> bool:
        """Whether Argo CD's namespace has it."""
        return self.live.run("get", kind, name, "--namespace=argocd").returncode == 0

    def status(self, name: str) -> dict[str, Any]:
        """The status of an Application; empty while there is none."""
        found = self.live.run("get", "application", name, "--namespace=argocd", "-o", "json")
        return json.loads(found.stdout).get("status", {}) if found.returncode == 0 else {}

    def is_settled(self, name: str) -> bool:
        """Whether an Application is Synced and Healthy."""
        status = self.status(name)
        return (status.get("sync", {}).get("status"), status.get("health", {}).get("status")) == (
            "Synced",
            "Healthy",
        )

    def git(self, *arguments: str) -> None:
        """Git in the folder that is pushed."""
        environment = neutral_environment(os.environ) | _AUTHOR
        subprocess.run(["git", "-C", str(self.folder), *arguments], env=environment, check=True)

    def _project(self) -> dict[str, Any]:
        kinds = [{"group": "", "kind": "ConfigMap"}, {"group": "apps", "kind": "Deployment"}]
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "AppProject",
            "metadata": {
                "name": NAME,
                "namespace": "argocd",
                "annotations": {"argocd.argoproj.io/sync-wave": "-10"},
            },
            "spec": {
                "sourceRepos": [self.url],
                "destinations": [{"server": _SERVER, "namespace": NAMESPACE}],
                "clusterResourceWhitelist": [],
                "namespaceResourceWhitelist": kinds,
            },
        }

    def _tier(self, name: str, wave: int, path: str) -> dict[str, Any]:
        template = {
            "metadata": {"name": name},
            "spec": {
                "project": NAME,
                "source": {"repoURL": self.url, "targetRevision": NAME, "path": path},
                "destination": {"server": _SERVER, "namespace": NAMESPACE},
                "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
            },
        }
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "ApplicationSet",
            "metadata": {
                "name": name,
                "namespace": "argocd",
                "annotations": {"argocd.argoproj.io/sync-wave": str(wave)},
            },
            "spec": {
                "goTemplate": True,
                "generators": [{"list": {"elements": [{"component": name}]}}],
                "syncPolicy": {"preserveResourcesOnDeletion": True},
                "template": template,
            },
        }


@contextmanager
def tiers(live: Live, folder: Path, root: dict[str, Any], first: dict[str, Any]) -> Iterator[Tiers]:
    """The tiers, deployed with ``first`` in the first of them; all of it is gone afterwards.

    Args:
        live: the cluster.
        folder: an empty one, to push from.
        root: the platform's root Application.
        first: what the first tier deploys.
    """
    under_test = Tiers(live, folder, root["spec"]["source"]["repoURL"], root["spec"]["syncPolicy"])
    under_test.git("init", "--quiet")
    under_test.push(first)
    live.kubectl("apply", "-f", "-", stdin=json.dumps(under_test.root()))
    try:
        yield under_test
    finally:
        # the root first, or it would bring the others back
        made = (("application", [NAME]), ("applicationset", [FIRST, SECOND]), ("appproject", [NAME]))
        for kind, names in made:
            live.kubectl("delete", kind, *names, "--namespace=argocd", "--ignore-not-found", "--wait=true")
        selector = ",".join(f"{key}={value}" for key, value in _LABELS.items())
        live.kubectl("delete", "configmap,deployment", f"--namespace={NAMESPACE}", f"--selector={selector}")
        under_test.git("push", "--quiet", str(live.forge), f":refs/heads/{NAME}")


def config_map(name: str) -> dict[str, Any]:
    """Something that is healthy as soon as it is there."""
    metadata = {"name": name, "labels": _LABELS}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {}}


def deployment_without_an_image() -> dict[str, Any]:
    """Something that is accepted and never works."""
    container = {
        "name": "none",
        "image": "homeostat/none:0",
        "imagePullPolicy": "Never",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    pod = {"metadata": {"labels": _LABELS}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": FIRST, "labels": _LABELS},
        "spec": {"selector": {"matchLabels": _LABELS}, "template": pod},
    }


def _kustomization(*resources: str) -> dict[str, Any]:
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": list(resources),
    }


def assert_a_broken_tier_holds_back_the_next(under_test: Tiers) -> None:
    """The story: the first tier was deployed broken; the second comes only once it is mended."""

    def waits_for_the_first() -> bool:
        # applied and not working: now only its health can hold anything back
        first = under_test.status(FIRST)
        operation = under_test.status(NAME).get("operationState", {})
        return (
            first.get("sync", {}).get("status") == "Synced"
            and first.get("health", {}).get("status") == "Progressing"
            and f"ApplicationSet/{FIRST}" in operation.get("message", "")
        )

    eventually(waits_for_the_first)
    assert not under_test.exists("applicationset", SECOND)
    assert not under_test.exists("application", SECOND)

    under_test.push(config_map(FIRST))

    eventually(lambda: under_test.is_settled(SECOND))
    eventually(lambda: under_test.is_settled(NAME))
    assert under_test.is_settled(FIRST)
