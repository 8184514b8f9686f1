"""The queries against a real Prometheus that holds a real history: what the fake server can't prove."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.programs import NEWEST, OLDEST, find
from tests.unit.triage.conftest import wait_until
from tests.unit.triage.story import MODEL, SERVICE, payload
from triage.analysts.analyst import Case
from triage.analysts.deterministic.analyst import DeterministicAnalyst
from triage.evidence.collector import Scope, scope_of
from triage.evidence.gather import Gatherer
from triage.evidence.item import EvidenceItem, EvidenceStatus
from triage.evidence.metrics import MetricsCollector
from triage.evidence.prometheus import Prometheus
from triage.evidence.queries import queries_for
from triage.senders.alertmanager import parse_webhook
from triage.symptom import Symptom

STEP = 5
HISTORY_SECONDS = 600
ONSET_AGO = 120
BOUNDS = (0.005, 0.05, 0.5, 1.0, 2.5)


def history(now: float) -> str:
    """Ten minutes at five requests a second; two minutes ago predict turns from 20 ms to 0.9 s."""
    labels = f'model="{MODEL}",version="3"'
    phases = {"predict": (0.02, 0.9), "decode": (0.001, 0.001), "encode": (0.001, 0.001)}
    families: dict[str, list[str]] = {}
    times = [now - ago for ago in range(HISTORY_SECONDS, -1, -STEP)]
    families["homeostat_inference_latency_seconds histogram"] = histogram(
        "homeostat_inference_latency_seconds", f'{labels},protocol="v2"', times, now, (0.03, 0.9)
    )
    for phase, levels in phases.items():
        families.setdefault("homeostat_inference_phase_seconds histogram", []).extend(
            histogram("homeostat_inference_phase_seconds", f'{labels},phase="{phase}"', times, now, levels)
        )
    requests = f'homeostat_inference_requests_total{{{labels},protocol="v2",status="200"}}'
    families["homeostat_inference_requests counter"] = [
        f"{requests} {index * STEP * 5} {at:.3f}" for index, at in enumerate(times)
    ]
    info = f'homeostat_model_info{{{labels},bento_digest="b",source_commit="c"}}'
    families["homeostat_model_info gauge"] = [f"{info} 1 {at:.3f}" for at in times]
    families["up gauge"] = [f'up{{service="{SERVICE}",model="{MODEL}"}} 1 {at:.3f}' for at in times]
    texts = [f"# TYPE {family}\n" + "\n".join(lines) for family, lines in families.items()]
    return "\n".join([*texts, "# EOF\n"])


def histogram(
    name: str, labels: str, times: list[float], now: float, levels: tuple[float, float]
) -> list[str]:
    """Cumulative buckets over time, series by series."""
    counts = dict.fromkeys((*BOUNDS, float("inf")), 0)
    total = 0.0
    lines: dict[str, list[str]] = {}
    for at in times:
        level = levels[at >= now - ONSET_AGO]
        for bound in counts:
            counts[bound] += STEP * 5 if level <= bound else 0
            le = "+Inf" if bound == float("inf") else bound
            series = f'{name}_bucket{{{labels},le="{le}"}}'
            lines.setdefault(series, []).append(f"{series} {counts[bound]} {at:.3f}")
        total += STEP * 5 * level
        for suffix, value in (("_sum", total), ("_count", counts[float("inf")])):
            series = f"{name}{suffix}{{{labels}}}"
            lines.setdefault(series, []).append(f"{series} {value} {at:.3f}")
    return [line for series in lines.values() for line in series]


@pytest.fixture(scope="module")
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module", params=[OLDEST, NEWEST])
def real_prometheus(request, now: datetime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    prometheus, promtool = (str(find(request.param, name)) for name in ("prometheus", "promtool"))
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "history.om").write_text(history(now.timestamp()))
    (folder / "prometheus.yml").write_text("{}\n")
    blocks = [promtool, "tsdb", "create-blocks-from", "openmetrics", "history.om", "data"]
    subprocess.run(blocks, cwd=folder, check=True, capture_output=True, timeout=60)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [
        prometheus, "--config.file=prometheus.yml", "--storage.tsdb.path=data",
        f"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=folder)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: is_ready(url))
        yield url
    finally:
        process.terminate()
        process.wait(20)


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready").status_code == 200
    except httpx.TransportError:
        return False


def gathered(
    url: str, now: datetime, alertname: str, labels: Mapping[str, str] | None = None
) -> tuple[Scope, tuple[EvidenceItem, ...]]:
    body = payload(now - timedelta(seconds=60), alertname)
    body["alerts"][0]["labels"] |= labels or {}
    alert = parse_webhook(json.dumps(body)).alerts[0]
    scope = scope_of(alert, now)
    with httpx.Client(base_url=url, timeout=20) as client:
        collector = MetricsCollector(Prometheus(client), timedelta(minutes=30), 30, lambda: now)
        return scope, Gatherer([collector], lambda: now).gather(scope)


def test_every_query_is_understood(real_prometheus: str, now: datetime) -> None:
    places = {"namespace": "models", "pod": "web-0", "persistentvolumeclaim": "data"}
    _, items = gathered(real_prometheus, now, "an alert of no known class", places)
    assert len(items) == len(queries_for(Symptom.UNKNOWN))
    assert not [item.note for item in items if item.status is EvidenceStatus.ERROR]


def test_a_slow_predict_is_found_in_a_real_history(real_prometheus: str, now: datetime) -> None:
    scope, items = gathered(real_prometheus, now, "ModelInferenceLatencyHigh")
    alert = parse_webhook(json.dumps(payload(now - timedelta(seconds=60)))).alerts[0]
    analysis = DeterministicAnalyst().analyse(Case(alert, scope, items))
    assert analysis.causes[0].title == "The model server itself is slow in predict (not the recent release)"
    assert {"release", "traffic", "payload"} <= {out.kind for out in analysis.ruled_out}
    (latency,) = [item for item in items if item.id == "metric.latency_p95"]
    onset = latency.observations[0].numbers["onset"]
    assert abs(onset - (now.timestamp() - ONSET_AGO)) <= 30
