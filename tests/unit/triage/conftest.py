"""Real parts for triage's tests: HTTP servers on free ports, git repositories, SQLite files."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import uvicorn

from tests.apiserver import ApiServer, apiserver, await_
from tests.postgresql import PostgreSQL, postgresql
from tests.unit.triage.cluster import Cluster, loose_definition, rights_of_triage
from tests.unit.triage.databases import DATABASES
from tests.unit.triage.story import MODEL, TOKEN, Forge, Story
from triage.bootstrap import Triage, build
from triage.settings import Settings
from triage.web.app import create_app


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """A real HTTP server on a free loopback port; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class FakePrometheus:
    """Answers /api/v1/query_range over real HTTP; ``answers`` maps a part of a query to labelled samples."""

    url: str = ""
    answers: dict[str, list[tuple[dict[str, str], list[tuple[float, float]]]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    status: int = 200

    def result(self, query: str, start: float, end: float) -> list[dict[str, Any]]:
        found = next((series for part, series in self.answers.items() if part in query), [])
        return [
            {"metric": labels, "values": [[at, str(value)] for at, value in samples if start <= at <= end]}
            for labels, samples in found
        ]


@pytest.fixture
def prometheus() -> Iterator[FakePrometheus]:
    fake = FakePrometheus()
    fake.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            fake.asked.append(form["query"][0])
            fake.gate.wait(30)
            result = fake.result(form["query"][0], float(form["start"][0]), float(form["end"][0]))
            body = json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}})
            self.send_response(fake.status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None: ...

    with listening(Handler) as fake.url:
        yield fake
        fake.gate.set()


@dataclass
class ProviderServer:
    """Plays a language-model provider: answers every call with ``answer`` and keeps what it was sent."""

    url: str = ""
    status: int = 200
    answer: bytes = b"{}"
    received: list[str] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def provider() -> Iterator[ProviderServer]:
    fake = ProviderServer()
    fake.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            fake.received.append(body)
            fake.gate.wait(30)
            self.send_response(fake.status)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(fake.answer)

        def log_message(self, *_: object) -> None: ...

    with listening(Handler) as fake.url:
        yield fake
        fake.gate.set()


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge.create(tmp_path / "forge")


@pytest.fixture
def story(tmp_path: Path, prometheus: FakePrometheus) -> Story:
    """A minute-by-minute past that ends now: the model serves well, then something goes wrong."""
    return Story(now=datetime.now(UTC), logs=tmp_path / "logs", answers=prometheus.answers)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module that says ``ON_EVERY_DATABASE = True`` runs on each database, with the same tests."""
    if "database_url" in metafunc.fixturenames and getattr(metafunc.module, "ON_EVERY_DATABASE", False):
        metafunc.parametrize("database_url", DATABASES, indirect=True)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQL]:
    """A real server; tests that need it are skipped where none can be had."""
    with postgresql() as server:
        yield server


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database: a SQLite file, unless a module asks for others."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{tmp_path / 'triage.db'}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql_server")
    with server.database() as url:
        yield url


@pytest.fixture
def settings(
    tmp_path: Path, prometheus: FakePrometheus, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    for variable in ("GEMINI_API_KEY", "OPENAI_API_KEY", "TRIAGE_LLM_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    token = tmp_path / "token"
    token.write_text(TOKEN)
    (tmp_path / "logs").mkdir(exist_ok=True)
    return Settings(
        token_file=token,
        database_url=database_url,
        reports=tmp_path / "reports",
        logs=tmp_path / "logs",
        forge=tmp_path / "forge" / "homeostat.git",
        prometheus_url=prometheus.url,
    )


@dataclass
class Running:
    """A served triage and a client that shows the token."""

    triage: Triage
    client: httpx.Client

    def post(self, payload: object) -> httpx.Response:
        return self.client.post("/webhooks/alertmanager", json=payload)

    def settled(self) -> None:
        wait_until(lambda: _is_idle(self.client.get("/healthz").json()))

    def only_incident(self) -> dict[str, Any]:
        (found,) = self.client.get("/api/incidents").json()["incidents"]
        return self.client.get(f"/api/incidents/{found['id']}").json()


def _is_idle(health: dict[str, Any]) -> bool:
    jobs, shown = health["jobs"], health["destinations"].values()
    return jobs["queued"] == jobs["leased"] == 0 and all(one["pending"] == 0 for one in shown)


@pytest.fixture
def serve(settings: Settings) -> Iterator[Callable[..., Running]]:
    """Starts triage with the settings (and changes to them) on a free port, in this process."""
    stops: list[Callable[[], None]] = []

    def start(**changes: object) -> Running:
        triage = build(settings.model_copy(update=changes))
        listening = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(triage), log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        wait_until(lambda: server.started)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        client = httpx.Client(base_url=url, headers={"authorization": f"Bearer {TOKEN}"}, timeout=20)

        def stop() -> None:
            client.close()
            server.should_exit = True
            thread.join(10)
            triage.engine.dispose()

        stops.append(stop)
        return Running(triage, client)

    yield start
    for stop in stops:
        stop()


@pytest.fixture(scope="session")
def cluster(apiserver: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A real API server with the platform's namespaces, kinds, and the rights that triage is given."""
    server = apiserver
    server.apply(
        *(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            for name in ("models", "argocd", "observability")
        ),
        loose_definition("applications", "Application", "argoproj.io", "v1alpha1"),
        loose_definition("inferenceservices", "InferenceService", "serving.kserve.io", "v1beta1"),
        # without controllers nobody makes it, and pods need it
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": "default", "namespace": "models"},
        },
        *rights_of_triage(),
    )
    with server.client() as admin:
        for path in (
            "/apis/argoproj.io/v1alpha1/applications",
            "/apis/serving.kserve.io/v1beta1/inferenceservices",
        ):
            await_(f"{path} is served", lambda path=path: admin.get(path).is_success)
        yield Cluster(server, admin, tmp_path_factory.mktemp("cluster"))


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Poll until ``condition`` holds; the deadline only bounds a failing test."""
    deadline = datetime.now(UTC) + timedelta(seconds=seconds)
    pause = threading.Event()
    while not condition():
        assert datetime.now(UTC) < deadline, "the condition did not come true in time"
        pause.wait(0.02)


__all__ = ["MODEL", "FakePrometheus", "ProviderServer", "Running", "apiserver", "wait_until"]
