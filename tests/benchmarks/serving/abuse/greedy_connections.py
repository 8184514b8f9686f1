"""Clients that ask for more than they take: no reading, no end of a head, thousands of requests at once."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from tests.benchmarks.serving import usage
from tests.benchmarks.serving.abuse.bodies import LEFT_BEHIND_BYTES, PATH, WAIT_SECONDS
from tests.benchmarks.serving.abuse.scenario import Outcome, counted, refused
from tests.benchmarks.serving.processes import Running

CLIENTS = 8
HOLD_SECONDS = 5.0
#: of one client's unread or pipelined requests; a server that reads all of it never stops
READ_BYTES = 64 << 20
HEAD_BYTES = 8 << 20
PIPELINED = 2_000


@dataclass(frozen=True, slots=True)
class NeverReading:
    """Several ask for 64 rows again and again, and read no answer."""

    name: str = "answers that nobody reads"

    def play(self, server: Running) -> Outcome:
        """Ask until the server takes no more; then hold on for a while."""
        before = usage.pss_bytes(server.pids())
        request = _request(server, 64)
        with ExitStack() as stack:
            sent = 0
            for _ in range(CLIENTS):
                client = stack.enter_context(_connect(server, receive_bytes=4096))
                sent = max(sent, _send_until_stuck(client, request))
            grown = usage.pss_bytes(server.pids()) - before
        failures = [f"it read {sent >> 20} MB of unread requests"] if sent >= READ_BYTES else []
        return Outcome(
            f"at most {sent / 2**20:.1f} MB taken; memory {grown / 2**20:+.0f} MB", failures + _kept(grown)
        )


@dataclass(frozen=True, slots=True)
class GiantHeads:
    """A header of megabytes, thousands of headers, and a request line without an end."""

    name: str = "giant heads"

    def play(self, server: Running) -> Outcome:
        """All kinds at a time."""
        before = usage.pss_bytes(server.pids())
        start = f"POST {PATH} HTTP/1.1\r\nhost: bench\r\n".encode()
        heads = [
            start + b"x: " + b"a" * HEAD_BYTES,
            start + b"x-some: value\r\n" * (HEAD_BYTES // 15),
            b"POST /" + b"a" * HEAD_BYTES,
        ]
        with ThreadPoolExecutor(CLIENTS) as pool:
            statuses = list(pool.map(lambda head: _status_of(server, head), heads * CLIENTS))
        grown = usage.pss_bytes(server.pids()) - before
        return Outcome(
            f"{counted(statuses)}; memory {grown / 2**20:+.0f} MB",
            [*refused(statuses, (400, 404, 413, 414, 431, 0)), *_kept(grown)],
        )


@dataclass(frozen=True, slots=True)
class DeepPipelines:
    """Thousands of requests on one connection, sent before an answer is read."""

    name: str = "deep pipelining"

    def play(self, server: Running) -> Outcome:
        """Several at a time; each request is answered, in order, or the connection is closed."""
        before = usage.pss_bytes(server.pids())
        request = _request(server, 1)
        with ThreadPoolExecutor(CLIENTS) as pool:
            found = list(pool.map(lambda _: _pipelined(server, request), range(CLIENTS)))
        grown = usage.pss_bytes(server.pids()) - before
        statuses = [status for of in found for status in of]
        return Outcome(
            f"{counted(statuses)} of {CLIENTS * PIPELINED:,}; memory {grown / 2**20:+.0f} MB",
            [*refused(statuses, (200, 503)), *_kept(grown)],
        )


def _request(server: Running, rows: int) -> bytes:
    message = server.contestant.wires["JSON"].ask(server.prepared.requests[rows])
    told = {**message.headers, "host": "bench", "content-length": str(len(message.body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"POST {message.path} HTTP/1.1\r\n{head}\r\n".encode() + message.body


def _connect(server: Running, receive_bytes: int | None = None) -> socket.socket:
    client = socket.socket()
    if receive_bytes:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    client.settimeout(WAIT_SECONDS)
    client.connect(("127.0.0.1", server.port))
    return client


def _send_until_stuck(client: socket.socket, request: bytes) -> int:
    """Bytes that went out before nothing more did for some time, or the server closed."""
    client.settimeout(HOLD_SECONDS / CLIENTS)
    sent = 0
    with suppress(OSError):  # a timeout is one too
        while sent < READ_BYTES:
            sent += client.send(request[sent % len(request) :])
    return sent


def _status_of(server: Running, head: bytes) -> int:
    with _connect(server) as client:
        with suppress(OSError):
            client.sendall(head)
        answers = _read(client, b"\r\n", 1)
    return _statuses(answers)[0] if _statuses(answers) else 0


def _pipelined(server: Running, request: bytes) -> Sequence[int]:
    with _connect(server) as client, ThreadPoolExecutor(1) as pool:
        sending = pool.submit(_send_all, client, request * PIPELINED)
        answers = _read(client, b"HTTP/1.1 ", PIPELINED)
        client.settimeout(0)
        sending.result()
    return _statuses(answers)


def _send_all(client: socket.socket, content: bytes) -> None:
    with suppress(OSError):
        client.sendall(content)


def _read(client: socket.socket, mark: bytes, count: int) -> bytes:
    """Until ``mark`` came ``count`` times, the server closed, or it said nothing for long."""
    content, seen, until = bytearray(), 0, time.monotonic() + WAIT_SECONDS
    with suppress(OSError):
        while seen < count and time.monotonic() < until and (part := client.recv(1 << 16)):
            # one that lies across two parts is counted with the second
            seen += (bytes(content[-len(mark) + 1 :]) + part).count(mark)
            content += part
    return bytes(content)


def _statuses(answers: bytes) -> list[int]:
    return [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:] if part[:3].isdigit()]


def _kept(grown: int) -> list[str]:
    return [f"the server is {grown >> 20} MB larger than before"] if grown > LEFT_BEHIND_BYTES else []
