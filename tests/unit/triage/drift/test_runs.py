"""What changed between two runs, read from a real MLflow's own application and from one that misbehaves."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.unit.triage.conftest import listening
from tests.unit.triage.story import MODEL
from triage.alert import Alert, AlertStatus
from triage.clock import utc_now
from triage.evidence.collector import scope_of
from triage.evidence.drift.mlflow import Mlflow
from triage.evidence.drift.runs import RunComparison
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def compare(client: httpx.Client, version: str = "2") -> EvidenceItem:
    labels = {"alertname": "ModelDrift", "model": MODEL, "version": version}
    alert = Alert("f", AlertStatus.FIRING, NOW, None, labels, {})
    return RunComparison(Mlflow(client), utc_now).compare(scope_of(alert, NOW))


def texts(item: EvidenceItem) -> list[str]:
    return [line.text for line in item.lines]


@pytest.fixture(scope="module")
def real_mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """MLflow's own web application, without a port, over a registry with two versions."""
    patch = pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("mlflow")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    for name, value in {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_LOGGING_LEVEL": "WARNING",
        "_MLFLOW_SERVER_FILE_STORE": uri,
        "_MLFLOW_SERVER_REGISTRY_STORE": uri,
        "_MLFLOW_SERVER_ARTIFACT_ROOT": str(folder),
    }.items():
        patch.setenv(name, value)
    mlflow = pytest.importorskip("mlflow")
    client = mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri)
    client.create_registered_model(MODEL)
    experiment = client.create_experiment(MODEL)
    for number, (auc, depth, data) in enumerate(((0.97, 5, "a" * 64), (0.93, 9, "b" * 64)), start=1):
        run = client.create_run(experiment, tags={"data_sha256": data, "inputs": "same"})
        client.log_metric(run.info.run_id, "roc_auc", auc)
        client.log_param(run.info.run_id, "max_depth", depth)
        client.create_model_version(MODEL, f"{folder}/{number}", run.info.run_id)
    from mlflow.server import app  # noqa: PLC0415 - after the environment is set

    with httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://localhost") as http:
        yield http
    patch.undo()


def test_a_real_mlflow_tells_metrics_parameters_and_the_datas_hash(real_mlflow: httpx.Client) -> None:
    item = compare(real_mlflow)
    assert item.status is EvidenceStatus.OK, item.note
    assert item.kind is EvidenceKind.CHANGE
    told = texts(item)
    assert told[0].startswith(f"{MODEL}: version 1 (run ")
    assert "metric roc_auc: 0.97 -> 0.93" in told
    assert "parameter max_depth: 5 -> 9" in told
    assert f"tag data_sha256: {'a' * 64} -> {'b' * 64}" in told
    assert not any("inputs" in text for text in told)
    metric = next(one for one in item.observations if one.texts["what"] == "metric")
    assert dict(metric.numbers) == {"before": 0.97, "after": 0.93}


@pytest.mark.parametrize(
    ("version", "note"), [("1", "came before 1"), ("9", "no version 9"), ("x", "names no model")]
)
def test_where_there_is_nothing_to_compare_a_real_mlflow_is_empty(
    real_mlflow: httpx.Client, version: str, note: str
) -> None:
    item = compare(real_mlflow, version)
    assert item.status is EvidenceStatus.EMPTY
    assert note in item.note


@dataclass
class PlayedMlflow:
    """Answers in MLflow's shape; ``status`` and ``body`` replace every answer."""

    url: str = ""
    status: int = 200
    body: bytes | None = None
    asked: list[str] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def answer(self, path: str, query: dict[str, list[str]]) -> dict[str, Any]:
        versions = [{"version": str(number), "run_id": f"run{number}"} for number in (3, 2, 1)]
        if path.endswith("model-versions/get"):
            return {"model_version": {"version": query["version"][0], "run_id": f"run{query['version'][0]}"}}
        if path.endswith("model-versions/search"):
            return {"model_versions": versions}
        data = {
            "metrics": [{"key": "auc", "value": 0.9}],
            "tags": [{"key": "data_sha256", "value": "c" * 64}],
        }
        return {"run": {"info": {"run_id": query["run_id"][0]}, "data": data}}


@pytest.fixture
def played() -> Iterator[PlayedMlflow]:
    fake = PlayedMlflow()
    fake.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            fake.asked.append(parts.path)
            fake.gate.wait(30)
            body = fake.body or json.dumps(fake.answer(parts.path, parse_qs(parts.query))).encode()
            self.send_response(fake.status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with listening(Handler) as fake.url:
        yield fake
        fake.gate.set()


def asked(fake: PlayedMlflow, timeout: float = 5.0) -> EvidenceItem:
    with httpx.Client(base_url=fake.url, timeout=timeout) as client:
        return compare(client)


def test_runs_on_the_same_data_are_told_as_such(played: PlayedMlflow) -> None:
    item = asked(played)
    assert texts(item)[0] == f"{MODEL}: version 1 (run run1) -> version 2 (run run2)"
    assert texts(item)[1].startswith("both were trained on the same data: tag data_sha256 is ccc")
    assert len(played.asked) == 4


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, b"{}", EvidenceStatus.FORBIDDEN),
        (403, b"{}", EvidenceStatus.FORBIDDEN),
        (500, b'{"message": "out of order"}', EvidenceStatus.ERROR),
        (200, b"<html>a proxy's page</html>", EvidenceStatus.ERROR),
        (200, b"x" * (5 << 20), EvidenceStatus.ERROR),
        (404, b"{}", EvidenceStatus.EMPTY),
    ],
)
def test_a_source_that_says_nothing_is_told_apart(
    played: PlayedMlflow, status: int, body: bytes, expected: EvidenceStatus
) -> None:
    played.status, played.body = status, body
    item = asked(played)
    assert (item.status, item.lines) == (expected, ())
    assert item.note
    assert len(played.asked) == 1


def test_a_source_that_is_slow_is_not_waited_for(played: PlayedMlflow) -> None:
    played.gate.clear()
    assert asked(played, timeout=0.2).status is EvidenceStatus.TIMEOUT


def test_a_source_that_is_away_is_an_error(played: PlayedMlflow) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        played.url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    assert asked(played).status is EvidenceStatus.ERROR
