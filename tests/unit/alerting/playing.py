"""What stands around the real Prometheus and Alertmanager: a model server's metrics and triage's webhooks."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry, Histogram, generate_latest

T = TypeVar("T")


@dataclass
class ModelServer:
    """Between two scrapes it has answered twenty requests, each in ``latency_seconds``."""

    latency_seconds: float = 0.01
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        buckets = (0.1, 0.5, 1.0, 5.0)
        self._latency = Histogram(
            "homeostat_inference_latency_seconds",
            "Time to answer.",
            ("model", "version", "protocol"),
            buckets=buckets,
            registry=self.registry,
        ).labels("phishing", "3", "v1")

    def answer(self, handler: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        for _ in range(20):
            self._latency.observe(self.latency_seconds)
        return 200, generate_latest(self.registry)


@dataclass
class Triage:
    """Keeps what is posted with the right token, and counts what is not."""

    token: str
    posts: queue.Queue[tuple[str, dict[str, Any]]] = field(default_factory=queue.Queue)
    refused: int = 0

    def answer(self, handler: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        if handler.headers["Authorization"] != f"Bearer {self.token}":
            self.refused += 1
            return 401, b""
        self.posts.put((handler.path, json.loads(body)))
        return 202, b""

    def await_alert(self, name: str, status: str, limit_seconds: float) -> dict[str, Any]:
        """The next alert ``name`` with ``status``; heartbeats pass by."""
        path = "/webhooks/heartbeat" if name == "Watchdog" else "/webhooks/alertmanager"
        deadline = time.monotonic() + limit_seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                posted_to, payload = self.posts.get(timeout=left)
            except queue.Empty:
                break
            for alert in payload["alerts"]:
                if (posted_to, alert["labels"]["alertname"], alert["status"]) == (path, name, status):
                    return {**alert, "groupKey": payload["groupKey"]}
        raise AssertionError(
            f"{name} {status} did not come in {limit_seconds} s; {self.refused} calls were refused"
        )


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler], tuple[int, bytes]], port: int = 0) -> Iterator[int]:
    """Answer every GET and POST on a loopback port while the block runs; yields the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answer(self)
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


def await_(what: str, look: Callable[[], T | None], limit_seconds: float) -> T:
    """Look until there is something to see."""
    deadline = time.monotonic() + limit_seconds
    while time.monotonic() < deadline:
        if (seen := look()) is not None:
            return seen
        threading.Event().wait(0.1)
    raise AssertionError(f"{what} did not happen in {limit_seconds} s")
