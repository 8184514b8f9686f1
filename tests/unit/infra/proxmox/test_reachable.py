"""Whether a machine answers, asked of real servers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from infra.proxmox.apply.reachable import kubernetes_answers, ssh_answers
from tests.proxmox_simulator.tls import write_certificates


@contextmanager
def api(folder: Path, status: int) -> Generator[int]:
    """An HTTPS server that always answers ``status``; its port."""

    class Always(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Keep quiet."""

    _, context = write_certificates(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Always)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def greeter(greeting: bytes) -> Generator[int]:
    """A server that greets everybody once and closes; its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def greet() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(greeting)

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(10)


def unused_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return server.getsockname()[1]


@pytest.mark.parametrize(
    ("status", "serves"), [(200, True), (401, True), (403, True), (503, False), (500, False)]
)
def test_a_kubernetes_api_is_known_by_its_answer_to_a_stranger(tmp_path: Path, status: int, serves: bool):
    with api(tmp_path, status) as port:
        assert kubernetes_answers("127.0.0.1", port) is serves


@pytest.mark.parametrize(
    ("greeting", "answers"), [(b"SSH-2.0-OpenSSH_9.2\r\n", True), (b"HTTP/1.1 400\r\n", False)]
)
def test_ssh_is_known_by_its_greeting(greeting: bytes, answers: bool):
    with greeter(greeting) as port:
        assert ssh_answers("127.0.0.1", port) is answers


def test_nobody_answers_at_a_port_that_nobody_serves():
    port = unused_port()
    assert not ssh_answers("127.0.0.1", port)
    assert not kubernetes_answers("127.0.0.1", port)
