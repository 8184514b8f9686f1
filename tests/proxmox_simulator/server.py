"""A host's HTTPS server: reads requests as pveproxy does and writes its answers."""

import json
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from tests.proxmox_simulator.gateway import Answer, Gateway, Request

_PREFIX = "/api2/json"


class HostServer:
    """Serves the API on a free port of loopback until closed."""

    def __init__(self, host: str, gateway: Gateway, context: ssl.SSLContext) -> None:
        self._server = _Server(host, gateway, context)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name=f"pveproxy {host}"
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"https://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop listening, and close what is open."""
        self._server.shutdown()
        self._thread.join()
        self._server.close_connections()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: str, gateway: Gateway, context: ssl.SSLContext) -> None:
        self.host = host
        self.gateway = gateway
        self.context = context
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands in the connection's own thread, so that a slow client holds up no other."""
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            connection = self.context.wrap_socket(request, server_side=True)
        except OSError:
            return  # a client that doesn't trust the certificate hangs up
        self._open.add(connection)
        try:
            super().finish_request(connection, client_address)
        except OSError:
            return  # the client, or close_connections, hung up
        finally:
            self._open.discard(connection)
            connection.close()

    def close_connections(self) -> None:
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed already


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "pve-api-daemon/3.0"
    sys_version = ""
    wbufsize = -1
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]  # the only server that this serves

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815  # the names that BaseHTTPRequestHandler looks for

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = unquote_plus(parts.path.replace("+", "%2B")).removeprefix(_PREFIX)
        if not parts.path.startswith(_PREFIX):
            self._write(Answer(404, "not found", None))
            return
        parameters = _pairs(parts.query) | self._body_parameters(body)
        request = Request(self.command, path, parameters)
        self._write(self.server.gateway.answer(request, dict(self.headers.items()), self.server.host))

    def _body_parameters(self, body: bytes) -> dict[str, str]:
        if "json" in self.headers.get("Content-Type", ""):
            return {key: _as_text(value) for key, value in json.loads(body or b"{}").items()}
        return _pairs(body.decode())

    def _write(self, answer: Answer) -> None:
        if answer.status == 0:
            self.close_connection = True
            return
        content = b"" if answer.body is None else json.dumps(answer.body).encode()
        self.send_response(answer.status, answer.reason.strip().replace("\n", " "))
        self.send_header("Content-Type", "application/json;charset=UTF-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name of the overridden parameter
        """Requests are in `Simulator.requests`; the tests' output stays readable."""


def _pairs(text: str) -> dict[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True))


def _as_text(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
