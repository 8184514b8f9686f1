"""uvicorn around an ASGI application, in one of the workers: fair at accepting, losing nothing at the end."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from homeostat.errors import MachineError
from serving.errors import BundleError
from serving.in_flight import InFlight
from serving.readiness import Readiness
from serving.workers.accepting import Acceptor
from serving.workers.connection import Connection, Floor
from serving.workers.places import most_connections
from serving.workers.shares import Share

#: what is still being answered after this long is given up
GRACE_SECONDS = 30
#: from the last connection that is accepted to the closing of idle ones: its request is on its way
LAST_REQUEST_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Door:
    """Where clients come in, as one worker sees it."""

    listener: socket.socket
    share: Share
    #: told how many connections the worker holds, whenever that changes
    connected: Callable[[int], None] = lambda _: None
    #: by a supervisor, whose next server answers what still waits at the end
    held: bool = False


async def run_server(
    app: ASGIApp,
    readiness: Readiness,
    door: Door,
    in_flight: InFlight,
    drain_seconds: float,
    on_listening: Callable[[], None],
) -> None:
    """Serve ``app`` until SIGTERM; call ``on_listening`` once connections are accepted.

    Raises:
        BundleError: when the application does not start.
        MachineError: when the socket can't be listened on.
    """
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=Connection,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    floor = Floor(readiness, door.share, door.connected)
    in_flight.whole = floor.answering
    server = PoliteServer(config, floor, door, drain_seconds, on_listening)
    await server.serve(sockets=[door.listener])


class PoliteServer(uvicorn.Server):
    """Turns not ready on the first SIGTERM, and stops a while later; on the second one it stops at once."""

    def __init__(
        self,
        config: uvicorn.Config,
        floor: Floor,
        door: Door,
        drain_seconds: float,
        on_listening: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._floor, self._readiness, self._door = floor, floor.readiness, door
        self._drain_seconds, self._on_listening = drain_seconds, on_listening
        self._acceptor: Acceptor | None = None
        self._stops = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, then accept: uvicorn's way, but with the acceptor of the shared socket."""
        del sockets  # the door has it
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            raise BundleError("The bento's application does not start: its log tells why.")
        self._acceptor = Acceptor(self._door.listener, self._floor, self._new_connection, most_connections())
        # uvicorn closes what it finds here, and waits for it
        self.servers = [self._acceptor]  # pyright: ignore[reportAttributeAccessIssue]
        try:
            self._acceptor.start()
        except OSError as error:
            raise MachineError(f"The port can't be listened on: {error.strerror}.") from error
        self.started = True
        if not self._stops:
            self._readiness.ready = True
            self._on_listening()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Take over SIGTERM; SIGINT stays the master's, which a terminal sends to both."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._asked_to_stop)
        yield

    def _asked_to_stop(self) -> None:
        self._stops += 1
        self._readiness.ready = False
        if self._stops > 1:
            self._stop()
            return
        for connection in self._connections():
            connection.say_goodbye()
        asyncio.get_running_loop().call_later(self._drain_seconds, self._accept_no_more)

    def _accept_no_more(self) -> None:
        if self._acceptor is not None:
            if not self._door.held:
                self._acceptor.accept_what_waits()
            self._acceptor.close()
        asyncio.get_running_loop().call_later(LAST_REQUEST_SECONDS, self._stop)

    def _stop(self) -> None:
        self.should_exit = True

    def _new_connection(self) -> Connection:
        loop = asyncio.get_running_loop()
        return Connection(self._floor, self.config, self.server_state, self.lifespan.state, loop)

    def _connections(self) -> list[Connection]:
        return [found for found in self.server_state.connections if isinstance(found, Connection)]
