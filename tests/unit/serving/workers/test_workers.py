"""A real model server of two workers: what clients see when workers die, and when other clients are slow."""

from __future__ import annotations

import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

ROW = {"instances": [[1, 2, 0]]}
PATH = "/v1/models/toy:predict"


def await_that(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until, "the condition did not come true"
        time.sleep(0.02)


def workers(server: Any) -> dict[int, int]:
    """The process of each worker, by its number; the latest that got ready."""
    return {record["worker"]: record["pid"] for record in server.records("worker_ready")}


def gauge(client: httpx.Client, name: str) -> dict[str, float]:
    text = client.get("/metrics").text
    found = re.findall(rf'^{name}{{worker="(\d+)"}} (\S+)$', text, re.MULTILINE)
    return {worker: float(value) for worker, value in found}


def connections(client: httpx.Client) -> dict[str, float]:
    return gauge(client, "homeostat_worker_connections")


def test_the_master_has_one_thread(pair: Any):
    assert len(list(Path(f"/proc/{pair.process.pid}/task").iterdir())) == 1


def test_each_worker_tells_its_memory(pair: Any, client: httpx.Client):
    resident = gauge(client, "homeostat_worker_resident_bytes")
    assert set(resident) == {"0", "1"}
    assert min(resident.values()) > 10_000_000


def test_a_burst_of_connections_is_shared_evenly(pair: Any, client: httpx.Client):
    address = pair.listener.getsockname()
    opened = [socket.create_connection(address) for _ in range(32)]
    try:
        await_that(lambda: sum(connections(client).values()) >= 33)
        assert min(connections(client).values()) >= 6
    finally:
        for one in opened:
            one.close()
    await_that(lambda: sum(connections(client).values()) <= 1)


def test_slow_clients_leave_the_server_answering_others(pair: Any, client: httpx.Client):
    address = pair.listener.getsockname()
    head = f"POST {PATH} HTTP/1.1\r\nHost: here\r\nContent-Length: 20\r\n".encode()
    slow: list[socket.socket] = []
    try:
        for number in range(500):
            one = socket.create_connection(address)
            # nothing at all, half of a head, or a head with half of its body
            one.sendall((b"", head, head + b"\r\n{")[number % 3])
            slow.append(one)
        for _ in range(20):
            answer = httpx.post(pair.url + PATH, json=ROW, timeout=30, trust_env=False)
            assert answer.json() == {"predictions": ["leaves"]}
        assert max(connections(client).values()) <= 130
    finally:
        for one in slow:
            one.close()
    assert pair.records("accept_failed") == []


def test_a_killed_worker_loses_only_what_it_was_answering(pair: Any, client: httpx.Client):
    before = workers(pair)
    began: list[float] = []
    failed: list[float] = []
    enough = threading.Event()

    def ask() -> None:
        while not enough.is_set():
            at = time.monotonic()
            try:
                # a connection of its own, which may be waiting in the kernel when the worker dies
                answer = httpx.post(pair.url + PATH, json=ROW, timeout=30, trust_env=False)
                assert answer.status_code == 200
                began.append(at)
            except (httpx.TransportError, AssertionError):
                failed.append(at)

    asking = [threading.Thread(target=ask) for _ in range(4)]
    for one in asking:
        one.start()
    await_that(lambda: len(began) > 20)
    os.kill(before[1], signal.SIGKILL)
    killed = time.monotonic()
    answered = len(began)
    await_that(lambda: len(began) > answered + 20)
    await_that(lambda: workers(pair)[1] != before[1])
    enough.set()
    for one in asking:
        one.join()
    assert all(at < killed for at in failed)
    assert len(failed) <= len(asking)
    (died,) = pair.records("worker_died")
    assert (died["pid"], died["signal"]) == (before[1], "Killed")
    assert workers(pair)[0] == before[0]
    assert "homeostat_worker_restarts_total 1.0" in client.get("/metrics").text


def test_a_killed_master_takes_its_workers_along(start: Callable[..., Any], packed: Any):
    server = start(packed, settings={"HOMEOSTAT_SERVING_WORKERS": "1"})
    server.await_ready()
    server.process.kill()
    server.process.wait()
    (pid,) = workers(server).values()
    await_that(lambda: not Path(f"/proc/{pid}").exists() or " Z " in Path(f"/proc/{pid}/stat").read_text())
