"""Port 6443: K3s' own paths are answered here, and all else goes to the API server behind.

A connection is one or the other by its first request. Towards the API server it speaks with a certificate for
the same subject that the client showed, so the API server sees who asks; bytes then only pass through, so
watches stream.
"""

from __future__ import annotations

import asyncio
import http.client
import io
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .addresses import API_ADDRESS, API_PORT
from .certificates import issue
from .keys import read_pair
from .paths import Paths, write

OWN_PATHS = ("/v1-k3s/", "/cacerts", "/ping", "/db/")
_PIECE = 65536
_HEAD_LIMIT = 65536


@dataclass(frozen=True, slots=True)
class Request:
    """One request to K3s itself."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    #: where it comes from
    peer: str


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to it."""

    status: int
    body: bytes = b""
    kind: str = "text/plain"


@dataclass(slots=True)
class Front:
    """Serves until the process ends."""

    paths: Paths
    handle: Callable[[Request], Response]
    _upstream: dict[tuple[str, ...], ssl.SSLContext] = field(
        default_factory=dict[tuple[str, ...], ssl.SSLContext]
    )

    def start(self, port: int = 6443) -> None:
        """Listen on every address.

        Raises:
            OSError: when the port is taken.
        """
        started = threading.Event()
        failures: list[OSError] = []

        async def serve() -> None:
            try:
                server = await asyncio.start_server(
                    self._connected, "0.0.0.0", port, ssl=self._context(), backlog=256, reuse_port=True
                )
            except OSError as error:
                failures.append(error)
                started.set()
                return
            started.set()
            async with server:
                await server.serve_forever()

        threading.Thread(target=lambda: asyncio.run(serve()), name="front", daemon=True).start()
        started.wait()
        if failures:
            raise failures[0]

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        tls = self.paths.tls
        context.load_cert_chain(tls / "serving-kube-apiserver.crt", tls / "serving-kube-apiserver.key")
        context.load_verify_locations(tls / "client-ca.crt")
        context.verify_mode = ssl.CERT_OPTIONAL
        context.set_alpn_protocols(["http/1.1"])
        return context

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
                line = await reader.readuntil(b"\r\n")
                path = line.split(b" ")[1].decode("latin-1") if line.count(b" ") == 2 else ""
                if path.startswith(OWN_PATHS):
                    await self._answer(line, reader, writer)
                else:
                    await self._forward(line, reader, writer)
        finally:
            writer.close()

    async def _answer(self, line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, path, _ = line.decode("latin-1").split(" ")
        head = await reader.readuntil(b"\r\n\r\n") if method else b""
        headers = {name.lower(): value for name, value in http.client.parse_headers(io.BytesIO(head)).items()}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        peer: Any = writer.get_extra_info("peername")
        response = await asyncio.to_thread(self.handle, Request(method, path, headers, body, peer[0]))
        reason = http.client.responses.get(response.status, "")
        writer.write(
            f"HTTP/1.1 {response.status} {reason}\r\nContent-Type: {response.kind}\r\n"
            f"Content-Length: {len(response.body)}\r\nConnection: close\r\n\r\n".encode()
        )
        writer.write(response.body)
        await writer.drain()

    async def _forward(self, line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        context = await asyncio.to_thread(self._towards_api, writer.get_extra_info("peercert"))
        try:
            from_api, to_api = await asyncio.open_connection(API_ADDRESS, API_PORT, ssl=context)
        except OSError:
            writer.write(_UNAVAILABLE)
            await writer.drain()
            return
        to_api.write(line)
        pumps = [asyncio.create_task(_pump(reader, to_api)), asyncio.create_task(_pump(from_api, writer))]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            to_api.close()

    def _towards_api(self, shown: Mapping[str, Any] | None) -> ssl.SSLContext:
        """A context that speaks for whom the client's certificate named; for nobody without one."""
        parts = [pair for group in (shown or {}).get("subject", ()) for pair in group]
        name = "".join(text for kind, text in parts if kind == "commonName")
        groups = tuple(text for kind, text in parts if kind == "organizationName")
        key = (name, *groups)
        if key not in self._upstream:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(self.paths.tls / "server-ca.crt")
            if name:
                ca = read_pair(self.paths.tls / "client-ca")
                pair = issue(ca, name, datetime.now(UTC), groups)
                file = self.paths.tls / "temporary-certs" / f"{len(self._upstream)}.pem"
                write(file, pair.key + pair.certificate)
                context.load_cert_chain(file)
            self._upstream[key] = context
        return self._upstream[key]


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()


_UNAVAILABLE = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 19\r\n"
    b"Connection: close\r\n\r\nServer is starting\n"
)
