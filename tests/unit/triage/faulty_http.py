"""A real HTTP server that fails on demand: before it does what it is asked, or after, which is worse."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

Reply = tuple[int, Any]


@dataclass
class Fault:
    """What befalls the next calls whose line (``POST /api/chat.postMessage``) contains ``on``."""

    on: str
    times: int = 1
    #: the answer in place of the real one; nothing is done
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = field(default_factory=dict)
    #: done, and then the connection closes in the middle of the answer
    cut: bool = False
    #: done, and then the connection closes before a word of the answer
    reset: bool = False
    #: done, and then the answer waits for this
    hold: threading.Event | None = None
    #: it was done; and, its answer was written
    reached: threading.Event = field(default_factory=threading.Event)
    answered: threading.Event = field(default_factory=threading.Event)


class Application(Protocol):
    """What answers when nothing fails."""

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply: ...


@dataclass
class FaultyServer:
    """One application behind a port, its faults, and every call as it arrived."""

    application: Application
    url: str = ""
    faults: list[Fault] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    #: the clock that ``Date`` tells; None is the machine's
    date: str | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fails(self, fault: Fault) -> Fault:
        self.faults.append(fault)
        return fault

    def count(self, part: str) -> int:
        return sum(part in call for call in self.calls)

    def taken(self, call: str) -> Fault | None:
        with self.lock:
            self.calls.append(call)
            fault = next((one for one in self.faults if one.on in call and one.times > 0), None)
            if fault:
                fault.times -= 1
            return fault

    def answered(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        with self.lock:
            return self.application.answer(method, path, headers, body)


class Handler(BaseHTTPRequestHandler):
    """One call: its fault if one is due, else the application's answer."""

    faulty: FaultyServer

    def handle_call(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        fault = self.faulty.taken(f"{self.command} {self.path}")
        if fault is not None and fault.status is not None:
            fault.reached.set()
            self.tell(fault.status, fault.body, fault.headers)
            return
        status, content = self.faulty.answered(self.command, self.path, dict(self.headers), body)
        if fault is not None:
            fault.reached.set()
            if fault.hold:
                fault.hold.wait(60)
        if fault is not None and fault.reset:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.tell(status, content, {}, cut=fault is not None and fault.cut)
        if fault is not None:
            fault.answered.set()

    def do_GET(self) -> None:
        self.handle_call()

    do_POST = do_PATCH = do_GET  # noqa: N815 - http.server's names

    def date_time_string(self, timestamp: float | None = None) -> str:
        return self.faulty.date or super().date_time_string(timestamp)

    def tell(self, status: int, content: Any, headers: Mapping[str, str], *, cut: bool = False) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if cut else data)
        if cut:
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None: ...

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (BrokenPipeError, ConnectionResetError, OSError):
            # the caller was killed, or gave up
            self.close_connection = True


@contextmanager
def serving(server: FaultyServer) -> Iterator[FaultyServer]:
    """Serve on a free loopback port."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"faulty": server}))
    running.daemon_threads = True
    threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
    server.url = f"http://127.0.0.1:{running.server_port}"
    try:
        yield server
    finally:
        for fault in server.faults:
            if fault.hold:
                fault.hold.set()
        running.shutdown()
        running.server_close()
