"""Bodies that no server should read to the end: too large, a bomb, or no text."""

from __future__ import annotations

import gzip
import io
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from tests.benchmarks.serving import usage
from tests.benchmarks.serving.abuse.scenario import Outcome, counted, refused
from tests.benchmarks.serving.packing import NAME
from tests.benchmarks.serving.processes import Running
from tests.benchmarks.serving.wires import JSON

PATH = f"/v2/models/{NAME}/infer"
V1_PATH = f"/v1/models/{NAME}:predict"
AT_A_TIME = 4
LARGE_BYTES = 100 << 20
BOMB_BYTES = 1 << 30
#: right below what a body may unpack to
OBJECTS_BYTES = 16 << 20
#: by which all processes together may be larger than before, afterwards
LEFT_BEHIND_BYTES = 64 << 20
#: how often wrong text is sent
REPEATS = 200
WAIT_SECONDS = 60.0
_PIECE = 1 << 20

TOO_LARGE = (413, 400, 0)


@dataclass(frozen=True, slots=True)
class LargeBody:
    """100 MB of digits, once with its length told and once in chunks."""

    name: str = "bodies of 100 MB"

    def play(self, server: Running) -> Outcome:
        """Some at a time."""
        pieces = [b"1," * (_PIECE // 2)] * (LARGE_BYTES // _PIECE)

        def send(chunked: bool) -> int:
            return post(server.port, PATH, JSON, pieces, chunked=chunked)

        return _together(server, send, [False, True] * AT_A_TIME, TOO_LARGE)


@dataclass(frozen=True, slots=True)
class GzipBomb:
    """A megabyte that unpacks to a gigabyte."""

    name: str = "gzip bombs of 1 GB"

    def play(self, server: Running) -> Outcome:
        """Some at a time."""
        packed = bomb(BOMB_BYTES)
        headers = {**JSON, "content-encoding": "gzip"}

        def send(_: bool) -> int:
            return post(server.port, PATH, headers, [packed])

        return _together(server, send, [False] * AT_A_TIME * 2, (*TOO_LARGE, 415))


@dataclass(frozen=True, slots=True)
class ManyObjects:
    """Little that unpacks to what is still allowed, and becomes a million objects when it is decoded."""

    name: str = "gzip of a million objects"

    def play(self, server: Running) -> Outcome:
        """Some at a time, in both protocols."""
        headers = {**JSON, "content-encoding": "gzip"}
        filling = b'{"":0},' * ((OBJECTS_BYTES - 64) // 7)
        bodies = [
            (V1_PATH, b'{"instances": [' + filling + b"0]}"),
            (PATH, b'{"inputs": [' + filling + b"0]}"),
        ]
        packed = [(path, gzip.compress(body, 6)) for path, body in bodies]

        def send(second: bool) -> int:
            path, body = packed[second]
            return post(server.port, path, headers, [body])

        return _together(server, send, [False, True] * AT_A_TIME, (400, 413, 503))


@dataclass(frozen=True, slots=True)
class BadText:
    """Bytes that are no UTF-8, where text should be."""

    name: str = "bad UTF-8"

    def play(self, server: Running) -> Outcome:
        """Many, of several kinds, in both protocols."""
        bodies = [
            b"\xff\xfe{}",
            b'{"inputs": [{"name": "\xc3\x28", "shape": [1, 1], "datatype": "FP64", "data": [1]}]}',
            b'{"instances": [["\xed\xa0\x80"]]}',
            b'{"id": "\xf8\xa1", "inputs": []}',
        ]
        asked = [(path, body) for body in bodies for path in (PATH, V1_PATH)]
        statuses = [post(server.port, path, JSON, [body]) for _ in range(REPEATS) for path, body in asked]
        return Outcome(counted(statuses), refused(statuses, (400,)))


def bomb(unpacked_bytes: int) -> bytes:
    """Gzip of that many digits."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as stream:
        for _ in range(unpacked_bytes // _PIECE):
            stream.write(b"1" * _PIECE)
    return packed.getvalue()


def _together(
    server: Running, send: Callable[[bool], int], kinds: Sequence[bool], allowed: Sequence[int]
) -> Outcome:
    before = usage.pss_bytes(server.pids())
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        statuses = list(pool.map(send, kinds))
    grown = usage.pss_bytes(server.pids()) - before
    failures = refused(statuses, allowed)
    if grown > LEFT_BEHIND_BYTES:
        failures.append(f"the server is {grown >> 20} MB larger than before")
    return Outcome(f"{counted(statuses)}; memory {grown / 2**20:+.0f} MB", failures)


def post(
    port: int, path: str, headers: Mapping[str, str], pieces: Iterable[bytes], *, chunked: bool = False
) -> int:
    """Send a body in pieces, until the server has answered; its status, 0 when it only closed."""
    pieces = list(pieces)
    told = {"transfer-encoding": "chunked"} if chunked else {"content-length": str(sum(map(len, pieces)))}
    head = [f"POST {path} HTTP/1.1", "host: bench", "connection: close"]
    head += [f"{name}: {value}" for name, value in {**headers, **told}.items()]
    with socket.create_connection(("127.0.0.1", port), WAIT_SECONDS) as connection:
        # who refuses a body closes before it is whole: that is no failure, its answer is still there to read
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
            for piece in pieces:
                connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            if chunked:
                connection.sendall(b"0\r\n\r\n")
        return _status(connection)


def _status(connection: socket.socket) -> int:
    answer = b""
    with suppress(ConnectionResetError):
        while b"\r\n" not in answer and (part := connection.recv(4096)):
            answer += part
    words = answer.split(b" ", 2)
    return int(words[1]) if len(words) > 2 else 0
