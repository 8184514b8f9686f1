"""A small application on a real uvicorn in the test's own event loop, and an engine that has to be let go."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import uvicorn
from starlette.types import ASGIApp

from serving.engines.engine import Probabilities, Rows
from tests.unit.serving.small_app import Logistic

WAIT_SECONDS = 30.0


@dataclass
class Gate:
    """An engine that answers only once it is open, and remembers the first value of each row."""

    open: threading.Event = field(default_factory=threading.Event)
    asked: list[float] = field(default_factory=list[float])

    def probabilities(self, rows: Rows) -> Probabilities:
        """Answer once the gate is open."""
        self.asked += rows[:, 0].tolist()
        assert self.open.wait(WAIT_SECONDS)
        return Logistic().probabilities(rows)


@dataclass(frozen=True)
class Running:
    """A server that listens."""

    server: uvicorn.Server
    port: int
    client: httpx.AsyncClient

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection of its own."""
        return await asyncio.open_connection("127.0.0.1", self.port)


@asynccontextmanager
async def running(app: ASGIApp, grace_seconds: int = 5) -> AsyncGenerator[Running]:
    """Serve ``app`` as workers do: with httptools."""
    config = uvicorn.Config(
        app, http="httptools", log_config=None, lifespan="off", timeout_graceful_shutdown=grace_seconds
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        serving = asyncio.create_task(server._serve([listener]))  # pyright: ignore[reportPrivateUsage] - the public one takes the process's signals
        await until(lambda: server.started)
        limits = httpx.Limits(max_connections=50)
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=WAIT_SECONDS, limits=limits
        ) as client:
            yield Running(server, port, client)
        server.should_exit = True
        await serving


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not condition():  # noqa: ASYNC110 - uvicorn has no event for what is waited for here
            await asyncio.sleep(0.005)
