"""Whether a program of the cluster says that it works."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.answers import http as over_http
from infra.local.answers import unix_socket


class Health(http.server.BaseHTTPRequestHandler):
    """Well at one path, and not at another."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/well" else 500)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Health) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_program_that_answers_200_works(address: str) -> None:
    assert over_http(f"{address}/well")() is None


def test_one_that_answers_something_else_does_not(address: str) -> None:
    assert over_http(f"{address}/ill")() == f"{address}/ill answers 500"


def test_a_proxy_of_the_environment_is_not_asked(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert over_http(f"{address}/well")() is None


def test_an_authority_that_is_not_there_is_no_traceback(tmp_path: Path) -> None:
    assert "does not answer" in (over_http("https://127.0.0.1:1/", tmp_path / "none.crt")() or "")


def test_a_socket_works_while_somebody_listens_on_it(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    assert "does not answer" in (unix_socket(path)() or "")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        assert unix_socket(path)() is None
