"""Objects in a real API server as the cluster's own programs would leave them, and triage's way in."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tests.apiserver import ApiServer
from tests.programs import ROOT, find
from triage.alert import Alert, AlertStatus
from triage.analysts.analysis import Analysis
from triage.analysts.analyst import Case
from triage.analysts.citations import problem_with
from triage.analysts.deterministic.analyst import DeterministicAnalyst
from triage.clock import utc_now
from triage.evidence.alert_itself import AlertCollector
from triage.evidence.collector import Collector, Scope, scope_of
from triage.evidence.gather import Gatherer
from triage.evidence.item import EvidenceItem
from triage.evidence.kubernetes.api import Connection
from triage.evidence.kubernetes.collector import KubernetesCollector

NAMESPACE = "models"
DIGEST = "sha256:" + "a1" * 32

Object = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """What triage gathered and made of it."""

    scope: Scope
    evidence: tuple[EvidenceItem, ...]
    analysis: Analysis

    @property
    def kinds(self) -> list[str]:
        return [cause.kind for cause in self.analysis.causes]

    def item(self, item_id: str) -> EvidenceItem:
        return next(item for item in self.evidence if item.id == item_id)

    def text(self, item_id: str) -> str:
        return "\n".join(line.text for line in self.item(item_id).lines)


@dataclass(frozen=True)
class Cluster:
    """An API server with the platform's namespaces and triage's own rights."""

    server: ApiServer
    admin: httpx.Client
    folder: Path

    def make(self, path: str, content: Object) -> Object:
        """Create an object, then give it the status that it names: one request can't do both."""
        made = self.admin.post(path, json=content)
        assert made.is_success, made.text
        name = made.json()["metadata"]["name"]
        if "status" in content and "customresourcedefinition" not in path:
            patch = {"status": content["status"]}
            headers = {"content-type": "application/merge-patch+json"}
            set_status = self.admin.patch(f"{path}/{name}/status", json=patch, headers=headers)
            assert set_status.is_success, set_status.text
        return made.json()

    def pod(self, name: str, status: Object, **spec: Any) -> Object:
        content = pod(name, status, **spec)
        return self.make(f"/api/v1/namespaces/{NAMESPACE}/pods", content)

    def event(self, name: str, reason: str, message: str, kind: str = "Pod", **fields: Any) -> None:
        path = f"/api/v1/namespaces/{NAMESPACE}/events"
        self.make(path, event(name, reason, message, kind, **fields))

    def application(self, name: str, status: Object) -> None:
        content = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": name, "namespace": "argocd"},
            "status": status,
        }
        self.make("/apis/argoproj.io/v1alpha1/namespaces/argocd/applications", content)

    def token(self, account: str, namespace: str = "observability") -> str:
        return self.server.kubectl("create", "token", account, "-n", namespace).strip()

    def collector(self, token: str) -> tuple[KubernetesCollector, httpx.Client]:
        file = self.folder / "token"
        file.write_text(token)
        connection = Connection(self.server.url, file, self.server.ca, timeout_seconds=20, budget_seconds=60)
        client = connection.client()
        return KubernetesCollector(connection, client, "argocd", timedelta(minutes=30)), client

    def diagnose(self, alert: Alert, token: str | None = None, more: Sequence[Collector] = ()) -> Seen:
        """What triage says, with the rights of its own service account unless a test takes others."""
        collector, client = self.collector(token or self.token("triage"))
        with client:
            scope = scope_of(alert, datetime.now(UTC), NAMESPACE)
            evidence = Gatherer([AlertCollector(utc_now), collector, *more], utc_now).gather(scope)
        analysis = DeterministicAnalyst().analyse(Case(alert, scope, evidence))
        for cause in (*analysis.causes, *analysis.ruled_out):
            for citation in cause.citations:
                assert problem_with(citation, evidence) is None, (cause.kind, citation)
        return Seen(scope, evidence, analysis)


def alert(name: str, **labels: str) -> Alert:
    return Alert(
        fingerprint="f",
        status=AlertStatus.FIRING,
        starts_at=datetime.now(UTC) - timedelta(minutes=2),
        ends_at=None,
        labels={"alertname": name, "severity": "warning", **labels},
        annotations={},
    )


def ago(**span: float) -> str:
    """A time in the past as the API writes it."""
    return (datetime.now(UTC) - timedelta(**span)).strftime("%Y-%m-%dT%H:%M:%SZ")


def pod(name: str, status: Object, labels: Mapping[str, str] | None = None, **spec: Any) -> Object:
    container = {
        "name": "web",
        "image": f"homeostat/web@{DIGEST}",
        "resources": {
            "requests": {"cpu": "100m", "memory": "64Mi"},
            "limits": {"cpu": "1", "memory": "128Mi"},
        },
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": dict(labels or {})},
        "spec": {
            "nodeName": "node-1",
            "automountServiceAccountToken": False,
            "containers": [container],
            **spec,
        },
        "status": status,
    }


def status_of(container: Object, phase: str = "Running", ready: bool = False, **more: Any) -> Object:
    """The status of a pod with one container."""
    word = "True" if ready else "False"
    conditions = [{"type": "Ready", "status": word, "lastTransitionTime": ago(minutes=5)}]
    base = {
        "name": "web",
        "image": f"homeostat/web@{DIGEST}",
        "imageID": "",
        "ready": ready,
        "restartCount": 0,
    }
    return {
        "phase": phase,
        "startTime": ago(hours=1),
        "conditions": [*conditions, *more.pop("conditions", [])],
        "containerStatuses": [{**base, **container}],
        **more,
    }


def ended(reason: str, exit_code: int, seconds_ago: float = 60) -> Object:
    return {
        "terminated": {
            "reason": reason,
            "exitCode": exit_code,
            "startedAt": ago(seconds=seconds_ago + 30),
            "finishedAt": ago(seconds=seconds_ago),
        }
    }


def event(name: str, reason: str, message: str, kind: str, **fields: Any) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"generateName": f"{name}.", "namespace": NAMESPACE},
        "involvedObject": {"kind": kind, "name": name, "namespace": NAMESPACE},
        "type": "Warning",
        "reason": reason,
        "message": message,
        "firstTimestamp": ago(minutes=9),
        "lastTimestamp": ago(minutes=1),
        "count": 1,
        **fields,
    }


def loose_definition(plural: str, kind: str, group: str, version: str) -> Object:
    """A definition that takes anything: the schema is proved elsewhere, here only reading is."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": schema},
                    "subresources": {"status": {}},
                }
            ],
        },
    }


def rights_of_triage() -> Sequence[Object]:
    """The service account and what is bound to it, as the overlay for the local cluster makes them."""
    overlay = ROOT / "manifests" / "triage" / "overlays" / "local"
    built = subprocess.run(
        [find("go", "kustomize"), "build", overlay], capture_output=True, text=True, timeout=60, check=True
    )
    wanted = {"ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"}
    return [found for found in _documents(built.stdout) if found["kind"] in wanted]


def _documents(text: str) -> Sequence[Object]:
    from ruamel.yaml import YAML  # noqa: PLC0415 - only here

    return json.loads(json.dumps([found for found in YAML(typ="safe").load_all(text) if found]))
