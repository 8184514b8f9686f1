"""What is done by hand before git takes over: namespaces, secrets, Argo CD, and the root Application, once.

Every step can be run again, changes only what differs, and says what that was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.cluster.step import Say, Step
from infra.gitops.errors import InstallationError
from infra.gitops.installation import render
from infra.gitops.kubectl import Kubectl, KubectlError
from infra.gitops.release_manifests import release_manifests

NAMESPACE = "argocd"
#: a cold start on two busy cores, images imported
READY_SECONDS = 300.0
_CRDS_SECONDS = 60.0

_KIND = re.compile(r"^kind: (\S+)$", re.MULTILINE)
#: of an object in kustomize's output, where keys are sorted and two spaces deep
_NAME = re.compile(r"^metadata:\n(?:  .*\n)*?  name: (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The first steps of GitOps on one cluster."""

    kubectl: Kubectl
    #: the repository: argocd/, manifests/, tools/
    root: Path
    #: which of argocd/root/<environment> is followed
    environment: str
    #: the Secrets that the manifests name, as manifests; asked for when their step runs
    secrets: Callable[[], str]
    #: where Argo CD's own manifests are kept
    releases: Path

    def steps(self) -> Sequence[Step]:
        """In this order; each relies on those before it."""
        return (
            Step("make the namespaces", self._namespaces),
            Step("make the secrets", self._secrets),
            Step("install Argo CD", self._argocd),
            Step("wait until Argo CD runs", self._ready),
            Step("apply the root Application", self._root),
        )

    def _namespaces(self, say: Say) -> Sequence[str]:
        """Those that are missing: the others are git's."""
        del say
        folder = self.root / "manifests" / "namespaces" / "overlays" / self.environment
        wanted = _of_kind(self.kubectl.run("kustomize", str(folder)), _is("Namespace"))
        known = {found["metadata"]["name"] for found in self.kubectl.list("namespaces")}
        return self._apply([text for text in wanted if _name(text) not in known])

    def _secrets(self, say: Say) -> Sequence[str]:
        del say
        return self.kubectl.apply(self.secrets())

    def _argocd(self, say: Say) -> Sequence[str]:
        say("Argo CD's release")
        release = release_manifests(self.root / "tools", self.releases)
        text = render(self.kubectl, self.root, release, self.environment)
        crds = _of_kind(text, _is("CustomResourceDefinition"))
        say("its kinds")
        changed = list(self._apply(crds))
        for crd in crds:
            self.kubectl.wait(f"crd/{_name(crd)}", "condition=Established", timeout_seconds=_CRDS_SECONDS)
        say("its parts")
        rest = _of_kind(text, lambda kind: kind != "CustomResourceDefinition")
        return [*changed, *self._apply(rest)]

    def _ready(self, say: Say) -> Sequence[str]:
        for part in self._parts():
            say(part)
            try:
                self.kubectl.run(
                    "rollout", "status", part, f"--namespace={NAMESPACE}",
                    f"--timeout={READY_SECONDS:.0f}s", limit_seconds=READY_SECONDS + 30,
                )  # fmt: skip
            except KubectlError as error:
                raise InstallationError(f"{part} of Argo CD does not start: {self._why(error)}") from None
        return []

    def _root(self, say: Say) -> Sequence[str]:
        del say
        if self.kubectl.get("applications.argoproj.io", "root", NAMESPACE):
            return []
        path = self.root / "argocd" / "root" / self.environment / "application.yaml"
        return self._apply([path.read_text(encoding="utf-8")])

    def _apply(self, texts: Sequence[str]) -> Sequence[str]:
        return self.kubectl.apply("\n---\n".join(texts)) if texts else []

    def _parts(self) -> Sequence[str]:
        return [
            f"{kind}/{found['metadata']['name']}"
            for kind in ("deployment", "statefulset")
            for found in self.kubectl.list(kind, NAMESPACE)
        ]

    def _why(self, error: KubectlError) -> str:
        """The first container that does not run, and its reason; else what kubectl says."""
        for pod in self.kubectl.list("pods", NAMESPACE):
            for status in _containers(pod["status"]):
                if waiting := status["state"].get("waiting"):
                    reason = f"{waiting.get('reason')} {waiting.get('message', '')}".strip()
                    return f"container {status['name']} of pod {pod['metadata']['name']}: {reason}"
        return str(error)


def _containers(status: Any) -> Sequence[Any]:
    return [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]


def _is(kind: str) -> Callable[[str], bool]:
    return kind.__eq__


def _of_kind(text: str, wanted: Callable[[str], bool]) -> Sequence[str]:
    documents = text.split("\n---\n")
    return [document for document in documents if wanted(_first(_KIND, document))]


def _name(document: str) -> str:
    return _first(_NAME, document)


def _first(pattern: re.Pattern[str], document: str) -> str:
    found = pattern.search(document)
    if found is None:
        raise InstallationError(f"a manifest lacks what {pattern.pattern!r} finds: {document[:80]!r}")
    return found[1]
