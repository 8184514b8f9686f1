"""Which requests are company for another: those that are whole, from the turn in which they arrive."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
import uvloop
from uvicorn.server import ServerState

from serving.in_flight import InFlight
from serving.readiness import Readiness
from serving.workers.connection import Connection, Floor
from serving.workers.shares import Shares

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"


@dataclass
class Desk:
    """Answers once it is told to, and remembers what each request knew of others when its task first ran."""

    in_flight: InFlight
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    alone: list[bool] = field(default_factory=list[bool])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        self.alone.append(self.in_flight.alone())
        await self.go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


def served(scenario: Callable[[Desk, Connect], Awaitable[None]]) -> None:
    async def run() -> None:
        floor, loop = (
            Floor(Readiness(ready=True), Shares(1).of(0), lambda _: None),
            asyncio.get_running_loop(),
        )
        desk = Desk(InFlight(floor.answering))
        config = uvicorn.Config(desk, http=Connection, ws="none", log_config=None, lifespan="off")
        config.load()
        state = ServerState()

        def connection() -> Connection:
            floor.count(1)
            return Connection(floor, config, state, {}, loop)

        server = await loop.create_server(connection, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            await asyncio.wait_for(scenario(desk, lambda: asyncio.open_connection("127.0.0.1", port)), 30)
        finally:
            desk.go_on.set()
            server.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - uvicorn has no event for what is waited for here
        await asyncio.sleep(0)


def test_uploads_that_are_not_whole_and_idle_connections_are_no_company():
    async def scenario(desk: Desk, connect: Connect) -> None:
        _, dripping = await connect()
        dripping.write(HEAD + b"12")
        idle = await connect()
        desk.go_on.set()
        reader, asking = await connect()
        for _ in range(3):
            asking.write(HEAD + b"1234")
            assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
        assert desk.alone == [True] * 3
        for writer in (dripping, idle[1], asking):
            writer.close()

    served(scenario)


def test_who_arrives_while_another_is_answered_is_in_company():
    async def scenario(desk: Desk, connect: Connect) -> None:
        clients = [await connect() for _ in range(2)]
        for number, (_, writer) in enumerate(clients, start=1):
            writer.write(HEAD + b"1234")
            await until(lambda number=number: len(desk.alone) == number)
        assert desk.alone == [True, False]
        for _, writer in clients:
            writer.close()
        await until(lambda: desk.in_flight.whole() == 0)

    served(scenario)


def test_of_two_that_become_whole_in_one_turn_the_first_knows_of_the_second():
    async def scenario(desk: Desk, connect: Connect) -> None:
        clients = [await connect() for _ in range(2)]
        for _, writer in clients:
            writer.write(HEAD)
        await asyncio.gather(*(writer.drain() for _, writer in clients))
        await until(lambda: desk.in_flight.whole() == 0)
        # Both are there before the server's loop, which is this one, looks for either.
        for _, writer in clients:
            os.write(writer.get_extra_info("socket").fileno(), b"1234")
        await until(lambda: len(desk.alone) == 2)
        assert desk.alone == [False, False]
        for _, writer in clients:
            writer.close()

    served(scenario)
