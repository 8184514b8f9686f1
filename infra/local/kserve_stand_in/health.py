"""The answer to the kubelet's probe: whether a pass came to its end lately."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass(slots=True)
class Pulse:
    """When a pass last came to its end."""

    #: a pass that takes longer than this hangs
    patience_seconds: float
    _beat: float = field(default_factory=time.monotonic)

    def beat(self) -> None:
        """A pass came to its end."""
        self._beat = time.monotonic()

    def is_alive(self) -> bool:
        """Whether that was lately."""
        return time.monotonic() - self._beat < self.patience_seconds


def serve_health(pulse: Pulse, address: tuple[str, int]) -> ThreadingHTTPServer:
    """Answer ``GET /healthz`` in a thread of its own."""

    class Probe(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            alive = pulse.is_alive() and self.path == "/healthz"
            self.send_response(HTTPStatus.OK if alive else HTTPStatus.SERVICE_UNAVAILABLE)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Probes are not worth a line."""

    server = ThreadingHTTPServer(address, Probe)
    Thread(target=server.serve_forever, daemon=True).start()
    return server
