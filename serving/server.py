"""uvicorn around the bento's ASGI application: readiness is announced, and stopping loses nothing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from types import FrameType

import structlog
import uvicorn

from serving.draining import Draining
from serving.hot_path import HotPath
from serving.notify import notify
from serving.protocol import Served, create_app
from serving.readiness import Readiness
from serving.service import bento_asgi

#: what is still being answered after this long is given up
GRACE_SECONDS = 30

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


async def run_server(
    served: Served, listener: socket.socket, drain_seconds: float, environment: Mapping[str, str]
) -> None:
    """Serve on ``listener`` until a signal; tell the supervisor once connections are accepted."""
    app = Draining(HotPath(served, bento_asgi(create_app(served))), served.readiness)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = PoliteServer(config, served.readiness, drain_seconds)
    server.server_state.tasks = served.in_flight.tasks
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await server.listening.wait()
    if server.started:
        served.readiness.ready = True
        address = listener.getsockname()
        log.info("ready", model=served.release.model, version=served.version, port=address[1])
        notify("READY=1", environment)
    await serving


class PoliteServer(uvicorn.Server):
    """Says when it listens, and on a signal turns not ready for a while before it stops accepting."""

    def __init__(self, config: uvicorn.Config, readiness: Readiness, drain_seconds: float) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self._readiness = readiness
        self._drain_seconds = drain_seconds
        self._draining = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as uvicorn does, then wake whoever waits for it, also when it failed."""
        try:
            await super().startup(sockets=sockets)
        finally:
            self.listening.set()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Drain on the first signal, stop at once on the second.

        uvicorn would raise the signal again at the end; stopping when asked to is a success here.
        """
        del sig, frame
        self._readiness.ready = False
        if self._draining:
            self.should_exit = True
            return
        self._draining = True
        loop = asyncio.get_event_loop()
        loop.call_soon_threadsafe(self._stop_later)

    def _stop_later(self) -> None:
        log.info("draining", seconds=self._drain_seconds)
        asyncio.get_running_loop().call_later(self._drain_seconds, self._stop)

    def _stop(self) -> None:
        self.should_exit = True
