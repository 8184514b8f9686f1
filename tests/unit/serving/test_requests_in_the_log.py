"""A real server's log: the trace of its caller in it, and nobody to read it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from homeostat.service import LISTEN_FD_VARIABLE

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
HEADER = f"00-{TRACE}-00f067aa0ba902b7-01"
#: each says so in a line, of which less than a pipe and the queue take
REQUESTS = 2500


def await_that(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until, "the condition did not come true"
        time.sleep(0.01)


def test_a_failed_request_is_found_by_its_trace(server: Any, http: httpx.Client):
    response = http.post("/v2/models/toy/infer", json={"id": "mine"}, headers={"traceparent": HEADER})
    assert response.status_code == 400
    assert response.headers["traceparent"] == HEADER

    def found() -> list[dict[str, Any]]:
        return [line for line in server.records("request") if line["trace_id"] == TRACE]

    await_that(lambda: bool(found()))
    (line,) = found()
    assert (line["status"], line["protocol"], line["service"]) == (400, "v2", "model-toy")


def test_an_answer_carries_the_trace_and_without_one_none_is_invented(http: httpx.Client):
    body = {"instances": [[1, 2, 0]]}
    traced = http.post("/v1/models/toy:predict", json=body, headers={"traceparent": HEADER})
    assert (traced.status_code, traced.headers["traceparent"]) == (200, HEADER)
    for headers in ({}, {"traceparent": HEADER.upper()}):
        plain = http.post("/v1/models/toy:predict", json=body, headers=headers)
        assert plain.status_code == 200
        assert "traceparent" not in plain.headers


def test_a_server_whose_log_nobody_reads_answers_and_stops_politely(packed: Any):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        environment = os.environ | {
            "PYTHONPATH": str(packed.bento / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
            LISTEN_FD_VARIABLE: str(listener.fileno()),
            "HOMEOSTAT_SERVING_WORKERS": "1",
            "HOMEOSTAT_SERVING_ACCESS_LOG_FRACTION": "1",
        }
        command = [sys.executable, "-m", "serving", "--release", str(packed.release_file)]
        command += ["--bento", str(packed.bento), "--drain-seconds", "0"]
        process = subprocess.Popen(
            command, env=environment, pass_fds=[listener.fileno()], stdout=subprocess.PIPE
        )
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    assert process.stdout is not None
    try:
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            for _ in range(REQUESTS):
                body = {"instances": [[1, 2, 0]]}
                assert client.post("/v1/models/toy:predict", json=body).status_code == 200
            assert client.get("/v2/health/ready").status_code == 200
            families = text_string_to_metric_families(client.get("/metrics").text)
        samples = {sample.name: sample.value for family in families for sample in family.samples}
        assert samples["homeostat_log_lines_dropped_total"] > 0
        process.terminate()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
