# pyright: basic
# uvicorn's protocol is written for its own module alone: its attributes are partly untyped.
"""One client's connection: uvicorn's, with a time limit for heads and an answer to a stopping server.

A server that closes an idle connection races with the client's next request on it; one that says
``Connection: close`` with an answer does not, and the next connection reaches the server that takes over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from serving.readiness import Readiness
from serving.workers.shares import Share
from serving.workers.waiting import WaitingRoom


@dataclass(slots=True, eq=False)
class Floor:
    """What all connections of one worker share."""

    readiness: Readiness
    share: Share
    connected: Callable[[int], None]
    waiting: WaitingRoom[Connection] = field(default_factory=WaitingRoom)
    #: accepted and not lost, those included that have no protocol yet
    connections: int = 0

    def count(self, change: int) -> None:
        """Note that connections came or went, where the other workers and the metrics see it."""
        self.connections += change
        self.share.show(self.connections)
        self.connected(self.connections)


class Connection(HttpToolsProtocol):
    """A connection that knows whether its worker waits for it."""

    def __init__(
        self,
        floor: Floor,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(config, server_state, app_state, loop)
        self._floor = floor
        self._waiting = floor.waiting

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - as uvicorn's
        """Expect a request."""
        super().connection_made(transport)
        self._waiting.expects_head(self, self.loop.time())

    def connection_lost(self, exc: Exception | None) -> None:
        """Free the place."""
        self._waiting.leaves(self)
        self._floor.count(-1)
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """The first byte of a request; the first request's time has begun with the connection."""
        super().on_message_begin()
        if self.cycle is not None and self.cycle.response_complete:
            self._waiting.expects_head(self, self.loop.time())

    def on_headers_complete(self) -> None:
        """The head is whole; a stopping server asks the client to connect anew after this answer."""
        self._waiting.expects_body(self)
        super().on_headers_complete()
        if not self._floor.readiness.ready and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """The request is whole: from now on the connection waits for this worker."""
        if self.cycle is not None and not self.cycle.response_complete:
            self._waiting.leaves(self)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with the next request: uvicorn's way, but the waiting room replaces its timers."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        elif self.cycle.response_complete:
            self._waiting.idles(self, self.loop.time())

    def say_goodbye(self) -> None:
        """Let the answer that is under way, if any, be this connection's last."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False

    def give_up(self) -> None:
        """Close a connection whose time is over; at once when it does not take what was sent to it."""
        if self.transport.is_closing():
            self.transport.abort()
        else:
            self.transport.close()
