"""Failed syncs and degraded Applications reach triage: sent by Argo CD's program, read by triage's code."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.contract.argocd.judge import Judge
from triage.alert import AlertBatch, Recovery
from triage.senders.argocd import parse_argocd

pytestmark = pytest.mark.go

NOW = datetime.now(UTC)
TEMPLATES = ("sync-failed", "degraded", "recovered")


def ago(minutes: float) -> str:
    return (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


#: parameters are made long before a test runs, so this lies ahead: never longer ago than any rule waits
JUST_NOW = ago(-600)


def application(**status: Any) -> Any:
    source = {"repoURL": "http://forge.invalid/homeostat.git", "path": "manifests/mlflow/overlays/local"}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "mlflow", "namespace": "argocd"},
        "spec": {"project": "platform", "source": source, "destination": {"namespace": "mlops"}},
        "status": status,
    }


def operation(phase: str, **more: Any) -> Any:
    return {"phase": phase, "startedAt": ago(10), "message": 'one "quoted"\nline'} | more


SYNCED = {"status": "Synced", "revision": "a" * 40}
UNRENDERED = {"type": "ComparisonError", "message": "kustomize says no", "lastTransitionTime": ago(5)}
DEGRADED = {"status": "Degraded", "lastTransitionTime": ago(5)}


@pytest.mark.parametrize(
    ("trigger", "status", "expected"),
    [
        ("sync-failed", {"operationState": operation("Failed", finishedAt=ago(1))}, True),
        ("sync-failed", {"operationState": operation("Error")}, True),
        ("sync-failed", {"operationState": operation("Running", retryCount=5)}, True),
        ("sync-failed", {"operationState": operation("Running", retryCount=1)}, False),
        ("sync-failed", {"operationState": operation("Running")}, False),
        ("sync-failed", {"operationState": operation("Succeeded")}, False),
        ("sync-failed", {"conditions": [UNRENDERED], "operationState": operation("Succeeded")}, True),
        ("sync-failed", {"conditions": [UNRENDERED | {"lastTransitionTime": JUST_NOW}]}, False),
        ("sync-failed", {"conditions": [UNRENDERED | {"type": "OrphanedResourceWarning"}]}, False),
        ("sync-failed", {}, False),
        ("degraded", {"health": DEGRADED}, True),
        ("degraded", {"health": DEGRADED | {"lastTransitionTime": JUST_NOW}}, False),
        ("degraded", {"health": {"status": "Degraded"}}, False),
        ("degraded", {"health": {"status": "Healthy", "lastTransitionTime": ago(9)}}, False),
        ("degraded", {}, False),
        (
            "recovered",
            {"health": {"status": "Healthy"}, "sync": SYNCED, "operationState": operation("Succeeded")},
            True,
        ),
        ("recovered", {"health": DEGRADED, "sync": SYNCED, "operationState": operation("Succeeded")}, False),
        ("recovered", {"health": {"status": "Healthy"}, "sync": SYNCED}, False),
        ("recovered", {}, False),
    ],
)
def test_a_trigger_fires_on_its_state_alone(judge: Judge, trigger: str, status: Any, expected: bool):
    assert judge.fires(trigger, application(**status)) is expected


class _Received(HTTPServer):
    requests: list[tuple[str, str, bytes]]


class _Handler(BaseHTTPRequestHandler):
    server: _Received

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.requests.append((self.path, self.headers["authorization"], body))
        self.send_response(202)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        pass


@contextmanager
def triages_place() -> Iterator[_Received]:
    server = _Received(("127.0.0.1", 0), _Handler)
    server.requests = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sent(judge: Judge, template: str, found: Any) -> tuple[str, str, bytes]:
    with triages_place() as server:
        judge.post(f"triage-{template}", found, f"http://127.0.0.1:{server.server_port}", "the-token")
        assert len(server.requests) == 1
        return server.requests[0]


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize(
    "status", [{}, {"health": DEGRADED, "sync": SYNCED, "operationState": operation("Failed")}]
)
def test_what_is_posted_bears_the_token_and_is_what_triage_reads(judge: Judge, template: str, status: Any):
    path, authorization, body = sent(judge, template, application(**status))
    assert (path, authorization) == ("/webhooks/argocd", "Bearer the-token")
    read = parse_argocd(body, NOW)
    assert isinstance(read, Recovery if template == "recovered" else AlertBatch)


def test_the_message_arrives_as_argo_cd_said_it(judge: Judge):
    _, _, body = sent(judge, "sync-failed", application(sync=SYNCED, operationState=operation("Failed")))
    batch = parse_argocd(body, NOW)
    assert isinstance(batch, AlertBatch)
    assert 'one "quoted"\nline' in " ".join(batch.alerts[0].annotations.values())


def test_the_reason_why_manifests_can_not_be_rendered_comes_before_an_older_syncs(judge: Judge):
    orphans = UNRENDERED | {"type": "OrphanedResourceWarning", "message": "1 orphan"}
    found = application(conditions=[UNRENDERED, orphans], operationState=operation("Succeeded"))
    _, _, body = sent(judge, "sync-failed", found)
    assert json.loads(body)["message"] == "kustomize says no"
