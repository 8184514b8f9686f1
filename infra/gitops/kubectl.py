"""kubectl, as a program with typed answers: the one way in which the provider talks to the cluster's API."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from homeostat.errors import HomeostatError

#: a Kubernetes object as it is in JSON
Object = Mapping[str, Any]

#: who owns the fields that the provider applies
FIELD_MANAGER = "homeostat"
#: what the server alone decides, so that a change there is no change of ours
_SERVERS_OWN = ("resourceVersion", "generation", "managedFields", "uid", "creationTimestamp")
#: as long as one answer may take: the API server is on this machine
_ANSWER_SECONDS = 60
_PAUSE_SECONDS = 0.1
_NO_STATUS = "accessor error"


class KubectlError(HomeostatError):
    """The API server refused a request, or did not answer."""


@dataclass(frozen=True, slots=True)
class Kubectl:
    """One cluster, reached with ``kubeconfig`` by the kubectl at ``program``."""

    program: Path
    kubeconfig: Path

    def apply(self, manifests: str, *, namespace: str | None = None) -> Sequence[str]:
        """Apply YAML or JSON documents on the server's side; return the names of the objects that changed.

        Applying the same again returns nothing: the objects are compared as they were and as they are, but
        for what the server alone decides and their status.

        Args:
            manifests: the text of one or more documents.
            namespace: for the documents that name none.

        Raises:
            KubectlError: when one of them is refused.
        """
        where = _in_namespace(namespace)
        before = self._objects("get", "--filename=-", "--ignore-not-found", *where, given=manifests)
        after = self._objects(
            "apply", "--server-side", "--force-conflicts", f"--field-manager={FIELD_MANAGER}",
            "--filename=-", *where, given=manifests,
        )  # fmt: skip
        known = {name_of(found): _own(found) for found in before}
        return [name_of(made) for made in after if known.get(name_of(made)) != _own(made)]

    def get(self, kind: str, name: str, namespace: str | None = None) -> Object | None:
        """The object, or None when there is none of that name.

        Raises:
            KubectlError: when the kind is not known or the server does not answer.
        """
        found = self._objects("get", kind, name, "--ignore-not-found", *_in_namespace(namespace))
        return found[0] if found else None

    def list(self, kind: str, namespace: str | None = None, selector: str = "") -> Sequence[Object]:
        """Every object of ``kind``: of all namespaces when none is named.

        Raises:
            KubectlError: when the kind is not known or the server does not answer.
        """
        where = _in_namespace(namespace) or ("--all-namespaces",)
        chosen = (f"--selector={selector}",) if selector else ()
        return self._objects("get", kind, *where, *chosen)

    def wait(self, what: str, until: str, *, timeout_seconds: float, namespace: str | None = None) -> None:
        """Wait for a condition.

        Args:
            what: such as ``deployment/coredns`` or ``crd/applications.argoproj.io``.
            until: as kubectl's ``--for``, such as ``condition=Available``.
            timeout_seconds: how long at most.
            namespace: of the object, when it has one.

        Raises:
            KubectlError: when it does not come true in time.
        """
        deadline = time.monotonic() + timeout_seconds
        while True:
            left = max(1.0, deadline - time.monotonic())
            try:
                self.run(
                    "wait", what, f"--for={until}", f"--timeout={left:.0f}s", *_in_namespace(namespace),
                    limit_seconds=left + _ANSWER_SECONDS,
                )  # fmt: skip
                return
            except KubectlError as error:
                # kubectl gives up at once on an object that has no status yet
                if _NO_STATUS not in str(error) or time.monotonic() > deadline:
                    raise
            time.sleep(_PAUSE_SECONDS)

    def is_ready(self) -> bool:
        """Whether the API server answers that it is ready."""
        try:
            return self.run("get", "--raw", "/readyz", "--request-timeout=5s").strip() == "ok"
        except KubectlError:
            return False

    def run(self, *arguments: str, given: str = "", limit_seconds: float = _ANSWER_SECONDS) -> str:
        """Run ``kubectl arguments`` with ``given`` on its standard input and return what it prints.

        Raises:
            KubectlError: when it fails or takes longer than ``limit_seconds``.
        """
        try:
            done = subprocess.run(
                [str(self.program), f"--kubeconfig={self.kubeconfig}", f"--cache-dir={self._cache}",
                 *arguments],
                input=given,
                capture_output=True,
                text=True,
                timeout=limit_seconds,
                check=False,
                env=_environment(os.environ),
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise KubectlError(
                f"kubectl {' '.join(arguments[:2])} got no answer within {limit_seconds:.0f} s."
            ) from None
        if done.returncode:
            raise KubectlError(f"kubectl {' '.join(arguments[:2])}: {_reason(done.stderr)}")
        return done.stdout

    @property
    def _cache(self) -> Path:
        """What kubectl remembers of the API; beside the kubeconfig, so that it goes with the cluster."""
        return self.kubeconfig.parent / "kubectl-cache"

    def _objects(self, *arguments: str, given: str = "") -> Sequence[Object]:
        printed = self.run(*arguments, "--output=json", "--show-managed-fields=false", given=given)
        return _documents(printed)


def name_of(found: Object) -> str:
    """How an object is named to people: ``Kind namespace/name``.

    >>> name_of({"kind": "Secret", "metadata": {"name": "a", "namespace": "b"}})
    'Secret b/a'
    """
    metadata = found["metadata"]
    place = f"{metadata['namespace']}/" if metadata.get("namespace") else ""
    return f"{found['kind']} {place}{metadata['name']}"


def _own(found: Object) -> Object:
    """The part of an object that somebody declares."""
    metadata = {key: value for key, value in found["metadata"].items() if key not in _SERVERS_OWN}
    return {**found, "metadata": metadata, "status": None}


def _documents(printed: str) -> Sequence[Object]:
    """Printed are nothing, one object, several after each other, or a List."""
    decoder = json.JSONDecoder()
    found: list[Object] = []
    text = printed.strip()
    while text:
        value, end = cast("tuple[Object, int]", decoder.raw_decode(text))
        found += value["items"] if value["kind"] == "List" else [value]
        text = text[end:].lstrip()
    return found


def _in_namespace(namespace: str | None) -> tuple[str, ...]:
    return (f"--namespace={namespace}",) if namespace else ()


def _environment(base: Mapping[str, str]) -> dict[str, str]:
    """The cluster is on this machine: no proxy lies on the way, and no kubeconfig but ours counts."""
    return {name: value for name, value in base.items() if not _misleads(name)}


def _misleads(name: str) -> bool:
    return name.upper() in {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "KUBECONFIG"}


def _reason(complaint: str) -> str:
    lines = [line for line in complaint.strip().splitlines() if not line.startswith("Warning:")]
    said = lines[-1] if lines else "it failed without a word"
    return said.removeprefix("error: ").removeprefix("Error from server ").rstrip(".") + "."
