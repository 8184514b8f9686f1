"""What one worker does: open the engine, answer once, put the parts together, and serve until asked to stop.

It is imported by the master, so that the libraries are loaded once and their memory is shared; it runs in the
workers alone, since engines, event loops and applications may start threads.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog
import uvloop
from starlette.types import ASGIApp, Receive, Scope, Send
from threadpoolctl import threadpool_limits

from homeostat.release import Release
from homeostat.service import LISTEN_FD_VARIABLE
from serving.assembly import assembled
from serving.bundle import Bundle
from serving.hot_path import HotPath
from serving.hung import end_hung
from serving.loading import Loaded, open_release
from serving.log_writer import write_in_background
from serving.metrics import Board, Layout, Metrics
from serving.protocol import create_app
from serving.server import Door, run_server
from serving.service import bento_asgi
from serving.workers.memory import keep_measuring, memory_of
from serving.workers.shares import Shares

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class BentoApplication:
    """The bento's ASGI application, made once by the master, for what each worker puts behind it."""

    def __init__(self) -> None:
        self._behind: ASGIApp | None = None
        # BentoML imports its server here: seconds that no worker and no successor of a dead one should take
        self._application = bento_asgi(self._forward)

    def around(self, behind: ASGIApp) -> ASGIApp:
        """The application, with ``behind`` at its root; each process calls this once."""
        self._behind = behind
        return self._application

    async def _forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._behind is not None  # noqa: S101 - nobody serves before there is something to serve
        await self._behind(scope, receive, send)


@dataclass(frozen=True, slots=True)
class Common:
    """What the workers share, made before they are forked."""

    release: Release
    bundle: Bundle
    bundle_folder: Path
    listener: socket.socket
    shares: Shares
    layout: Layout
    board: Board
    drain_seconds: float
    #: that one prediction may compute with
    threads: int
    environment: Mapping[str, str]
    bento: BentoApplication = field(default_factory=BentoApplication)

    def metrics(self, index: int) -> Metrics:
        """The metrics of one worker."""
        return Metrics(self.layout, self.board, index)

    def work(self, index: int, on_listening: Callable[[], None]) -> None:
        """Be the worker ``index``.

        Raises:
            BundleError: when the model does not answer as its manifest says.
            MachineError: when the socket can't be listened on.
        """
        structlog.contextvars.bind_contextvars(worker=index)
        metrics = self.metrics(index)
        write_in_background(metrics.log_line_dropped)
        # The master has a single thread, and so had the libraries until here.
        threadpool_limits(self.threads, user_api="openmp")
        loaded = open_release(self.release, self.bundle, self.threads)

        def listening() -> None:
            keep_measuring(metrics.resident)
            _tell()
            on_listening()

        held = LISTEN_FD_VARIABLE in self.environment
        door = Door(self.listener, self.shares.of(index), metrics.connected, held)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve(loaded, metrics, door, listening))

    async def _serve(
        self, loaded: Loaded, metrics: Metrics, door: Door, on_listening: Callable[[], None]
    ) -> None:
        parts = assembled(loaded, self.bundle_folder, self.environment, metrics, end_hung)
        async with parts as served:
            app = HotPath(served, self.bento.around(create_app(served)))
            await run_server(app, served.readiness, door, served.in_flight, self.drain_seconds, on_listening)


def _tell() -> None:
    memory = memory_of()
    if memory is None:
        log.info("worker_ready", pid=os.getpid())
        return
    log.info(
        "worker_ready",
        pid=os.getpid(),
        proportional_bytes=memory.proportional_bytes,
        private_bytes=memory.private_bytes,
    )
