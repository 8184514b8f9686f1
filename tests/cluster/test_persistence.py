"""What was recorded is there again after the whole cluster was stopped and started."""

from __future__ import annotations

import time

import httpx
import pytest

from tests.cluster.live import Live, eventually, homeostat

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1200)]

EXPERIMENT = "kept over a stop"


def experiments(live: Live) -> set[str]:
    url = live.url("mlflow", "mlops")
    found = httpx.get(
        f"{url}/api/2.0/mlflow/experiments/search", params={"max_results": 100}, trust_env=False, timeout=30
    )
    return {experiment["name"] for experiment in found.raise_for_status().json().get("experiments", ())}


def oldest_sample(live: Live) -> float:
    """The time of the first sample that Prometheus has of itself, in seconds since the epoch."""
    now = time.time()
    answer = live.ask(
        "prometheus",
        "observability",
        "/api/v1/query_range",
        query='up{service="prometheus"}',
        start=f"{now - 7200:.0f}",
        end=f"{now:.0f}",
        step="15",
    )
    series = answer["data"]["result"]
    assert series, "Prometheus has scraped itself"
    return min(float(values["values"][0][0]) for values in series)


def test_prometheus_and_mlflow_keep_their_data_over_a_stop_and_a_start(live: Live) -> None:
    if EXPERIMENT not in experiments(live):
        httpx.post(
            f"{live.url('mlflow', 'mlops')}/api/2.0/mlflow/experiments/create",
            json={"name": EXPERIMENT},
            trust_env=False,
            timeout=30,
        ).raise_for_status()
    before = oldest_sample(live)

    stopped = homeostat(live.state, "cluster", "stop", "--provider", "local")
    assert stopped.returncode == 0, stopped.stderr
    started = homeostat(live.state, "cluster", "up", "--provider", "local")
    assert started.returncode == 0, started.stderr

    eventually(live.settled)
    assert EXPERIMENT in experiments(live)
    assert oldest_sample(live) <= before + 30
