"""One worker's door over a real socket, with next to nothing behind it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import uvicorn
import uvloop
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from serving.readiness import Readiness
from serving.workers.accepting import Acceptor
from serving.workers.connection import Connection, Floor
from serving.workers.limits import Limits
from serving.workers.shares import Share, Shares

ASK = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers once the body is whole."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


class CountingSocket(socket.socket):
    """A listener that knows how often it was asked."""

    asked = 0

    def accept(self) -> tuple[socket.socket, Any]:
        self.asked += 1
        return super().accept()


@dataclass
class Place:
    """One worker's door, with nothing behind it but :func:`app`."""

    listener: CountingSocket
    floor: Floor
    acceptor: Acceptor

    async def open(self) -> Client:
        return Client(*await asyncio.open_connection(*self.listener.getsockname()))


@dataclass
class Client:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, content: bytes) -> None:
        self.writer.write(content)
        await self.writer.drain()

    async def ask(self) -> bytes:
        """The head of the answer; empty when the server hangs up."""
        await self.send(ASK)
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
            await self.reader.readexactly(2)
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return b""
        return head

    async def hung_up(self) -> bool:
        try:
            return await self.reader.read(1) == b""
        except ConnectionResetError:
            return True


def at(
    scenario: Callable[[Place], Awaitable[None]],
    *,
    most: int = 100,
    limits: Limits | None = None,
    share: Share | None = None,
    behind: ASGIApp = app,
) -> None:
    """Run ``scenario`` at a door with so many places."""

    async def run() -> None:
        listener = CountingSocket()
        listener.bind(("127.0.0.1", 0))
        floor = Floor(
            Readiness(ready=True),
            share or Shares(1).of(0),
            lambda _: None,
            limits or Limits(),
        )
        config = uvicorn.Config(behind, http=Connection, ws="none", log_config=None, lifespan="off")
        config.load()
        state, loop = ServerState(), asyncio.get_running_loop()
        acceptor = Acceptor(listener, floor, lambda: Connection(floor, config, state, {}, loop), most)
        acceptor.start()
        try:
            await asyncio.wait_for(scenario(Place(listener, floor, acceptor)), 30)
        finally:
            acceptor.close()
            for connection in list(state.connections):
                assert isinstance(connection, Connection)
                connection.transport.abort()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
