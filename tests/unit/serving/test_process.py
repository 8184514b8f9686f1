"""The life of a server process: what it refuses, when it is ready, how it leaves."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sklearn.linear_model import LogisticRegression

from homeostat.release import to_yaml
from serving.bundle import BundleManifest

ROW = {"instances": [[1, 2, 0]]}
TWO_WORKERS = {"HOMEOSTAT_SERVING_WORKERS": "2"}


def refused(packed: Any, bento: Path, cwd: Path, port: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "serving", "--release", str(packed.release_file), "--bento", str(bento)]
    environment = os.environ | {"PYTHONPATH": str(packed.bento / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [*command, "--port", str(port)],
        env=environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_tampered_bento_is_refused_in_one_sentence(packed: Any, tmp_path: Path):
    bento = shutil.copytree(packed.bento, tmp_path / "bento")
    (bento / "src" / "model" / "model.json").write_text("{}")
    done = refused(packed, bento, tmp_path)
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "was gated: it is refused." in done.stderr


def test_a_model_that_the_release_does_not_name_is_refused(packed: Any, tmp_path: Path):
    other = packed.release.model_copy(update={"model_sha256": "e" * 64})
    (tmp_path / "release.yaml").write_text(to_yaml(other))
    done = refused(
        dataclasses.replace(packed, release_file=tmp_path / "release.yaml"), packed.bento, tmp_path
    )
    assert done.returncode == 3
    assert "The model in" in done.stderr


def test_a_taken_port_is_named(packed: Any, tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = refused(packed, packed.bento, tmp_path, port=taken.getsockname()[1])
    assert done.returncode == 4
    assert "can't be used: Address already in use" in done.stderr


def test_a_model_that_fails_its_warm_up_never_says_ready(
    pack: Callable[..., Any], start: Callable[..., Any], manifest: BundleManifest
):
    two_features = LogisticRegression().fit([[0.0, 1.0], [1.0, 0.0]], [0, 1])
    server = start(pack(two_features, manifest))
    assert server.process.wait(60) == 1
    assert "The model can't predict" in server.log.read_text()
    server.supervisor.setblocking(False)
    with pytest.raises(BlockingIOError):
        server.supervisor.recv(100)


def test_ready_is_said_once_and_the_inherited_socket_answers(server: Any, http: httpx.Client):
    assert server.messages == ["READY=1"]
    assert http.get("/v2/health/ready").json() == {"ready": True}
    assert http.get("/v2/health/live").json() == {"live": True}


def test_what_is_served_is_logged(server: Any, packed: Any):
    (loaded,) = server.records("model_loaded")
    assert loaded["model_sha256"] == packed.release.model_sha256
    assert loaded["version"] == "3"


def test_stopping_turns_ready_off_answers_what_is_in_flight_and_exits_zero(
    packed: Any, start: Callable[..., Any], tmp_path: Path
):
    faults = tmp_path / "faults.json"
    faults.write_text(json.dumps({"predict_delay_seconds": 1.0}))
    server = start(packed, drain_seconds=0.8, faults=faults)
    server.await_ready()
    answers: list[httpx.Response] = []

    def ask() -> None:
        answers.append(
            httpx.post(f"{server.url}/v1/models/toy:predict", json=ROW, timeout=30, trust_env=False)
        )

    with httpx.Client(base_url=server.url, trust_env=False) as client:
        assert client.get("/v2/health/ready").status_code == 200
        asking = threading.Thread(target=ask)
        asking.start()
        server.process.terminate()
        draining = await_status(client, "/v2/health/ready", 503)
    asking.join()
    assert "not ready" in draining.json()["error"]
    assert draining.headers["connection"] == "close"
    assert answers[0].json() == {"predictions": ["leaves"]}
    assert server.process.wait(30) == 0


def test_a_successor_on_the_same_socket_takes_over_without_losing_a_request(
    packed: Any, start: Callable[..., Any]
):
    first = start(packed, drain_seconds=0.5, settings=TWO_WORKERS)
    first.await_ready()
    statuses: list[int] = []
    lost: list[httpx.TransportError] = []
    enough = threading.Event()

    def ask(kept: int) -> None:
        # kept connections, which the first server must ask its clients to give up, and new ones
        limits = httpx.Limits(max_keepalive_connections=kept)
        with httpx.Client(base_url=first.url, timeout=30, trust_env=False, limits=limits) as client:
            while not enough.is_set():
                try:
                    statuses.append(client.post("/v1/models/toy:predict", json=ROW).status_code)
                except httpx.TransportError as error:
                    lost.append(error)
                enough.wait(0.01)

    asking = [threading.Thread(target=ask, args=(kept,)) for kept in (0, 0, 1, 1)]
    for one in asking:
        one.start()
    second = start(packed, listener=first.listener, settings=TWO_WORKERS)
    second.await_ready()
    assert first.stop() == 0
    before = len(statuses)
    await_that(lambda: len(statuses) > before + 20 or bool(lost))
    enough.set()
    for one in asking:
        one.join()
    assert lost == []
    assert len(statuses) > before + 20
    assert set(statuses) == {200}


def test_a_second_request_to_stop_ends_the_drain(packed: Any, start: Callable[..., Any]):
    server = start(packed, drain_seconds=3600, settings=TWO_WORKERS)
    server.await_ready()
    server.process.terminate()
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        await_status(client, "/v2/health/ready", 503)
    assert server.stop() == 0


def await_that(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until, "the condition did not come true"
        time.sleep(0.01)


def await_status(client: httpx.Client, path: str, status: int) -> httpx.Response:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        response = client.get(path)
        if response.status_code == status:
            return response
    pytest.fail(f"{path} did not answer {status}")


def test_a_slow_fault_slows_predictions_but_not_health_and_is_logged(
    server: Any, http: httpx.Client, faults_file: Path
):
    faults_file.write_text(json.dumps({"predict_delay_seconds": 0.6}))
    ended: list[float] = []

    def ask() -> None:
        httpx.post(f"{server.url}/v1/models/toy:predict", json=ROW, timeout=30, trust_env=False)
        ended.append(time.monotonic())

    slow = [threading.Thread(target=ask) for _ in range(8)]
    began = time.monotonic()
    for thread in slow:
        thread.start()
    assert http.get("/v2/health/ready").status_code == 200
    health = time.monotonic()
    for thread in slow:
        thread.join()
    faults_file.unlink()
    assert health < min(ended)
    assert min(ended) - began > 0.5
    record = server.records("slow_request")[-1]
    assert record["threshold_seconds"] == 0.5
    assert record["phases"]["predict"] > 0.5 > record["phases"]["decode"]
    assert {"time", "model", "version", "protocol", "duration_seconds"} <= set(record)


def test_the_fault_ends_with_its_file(server: Any, http: httpx.Client, faults_file: Path):
    faults_file.unlink(missing_ok=True)
    before = len(server.records("slow_request"))
    assert http.post("/v1/models/toy:predict", json=ROW).status_code == 200
    assert len(server.records("slow_request")) == before
