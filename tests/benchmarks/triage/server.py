"""A real ``python -m triage`` and stand-ins for what it asks: a Prometheus without series, a provider."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[3]
TOKEN = "a-token-for-the-benchmark"


@dataclass
class StandIn:
    """Answers every POST with ``answer`` and counts the calls."""

    answer: Mapping[str, object]
    url: str = ""
    calls: int = 0


@contextmanager
def standing_in(answer: Mapping[str, object]) -> Generator[StandIn]:
    """A server on a free port."""
    stand_in = StandIn(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            stand_in.calls += 1
            body = json.dumps(stand_in.answer).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *_: object) -> None: ...  # noqa: A002 - its name there

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    yield stand_in
    server.shutdown()
    server.server_close()


NO_SERIES: Mapping[str, object] = {"status": "success", "data": {"resultType": "matrix", "result": []}}


@dataclass
class Server:
    """One triage and its files."""

    folder: Path
    prometheus_url: str
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port: int = taken.getsockname()[1]
        (self.folder / "token").write_text(TOKEN, encoding="utf-8")
        (self.folder / "logs").mkdir(exist_ok=True)

    @property
    def database(self) -> Path:
        """Its SQLite file."""
        return self.folder / "triage.db"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, *before: str) -> None:
        """Start it, behind the command ``before``, and wait until it answers."""
        own = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
        environment = {
            **own,
            "PYTHONPATH": str(ROOT),
            "TRIAGE_PORT": str(self.port),
            "TRIAGE_TOKEN_FILE": str(self.folder / "token"),
            "TRIAGE_DATABASE_URL": f"sqlite:///{self.database}",
            "TRIAGE_REPORTS": str(self.folder / "reports"),
            "TRIAGE_LOGS": str(self.folder / "logs"),
            "TRIAGE_FORGE": str(self.folder / "forge.git"),
            "TRIAGE_PROMETHEUS_URL": self.prometheus_url,
            **self.settings,
        }
        log = (self.folder / "triage.log").open("ab")
        command = [*before, sys.executable, "-m", "triage"]
        self.process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
        deadline = time.monotonic() + 120
        while not self._answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError((self.folder / "triage.log").read_text(encoding="utf-8")[-2_000:])
            time.sleep(0.05)

    def kill(self) -> None:
        """End it by SIGKILL: nothing of its own runs any more."""
        if self.process:
            self.process.kill()
            self.process.wait(30)

    def stop(self) -> None:
        """Ask it to end."""
        if self.process:
            self.process.terminate()
            self.process.wait(60)

    def peak_bytes(self) -> int:
        """The most memory that it ever had (VmHWM)."""
        if self.process is None:
            return 0
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM"))

    def health(self) -> Mapping[str, int]:
        """Its jobs by state."""
        return httpx.get(f"{self.url}/healthz", timeout=30).json()["jobs"]

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False
