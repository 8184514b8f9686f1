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
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from serving.readiness import Readiness
from serving.workers.flow import Flow
from serving.workers.limits import Limits
from serving.workers.refusals import PIECE_BYTES, Refused, refusal
from serving.workers.shares import Share
from serving.workers.waiting import WaitingRoom


@dataclass(slots=True, eq=False)
class Floor:
    """What all connections of one worker share."""

    readiness: Readiness
    share: Share
    connected: Callable[[int], None]
    limits: Limits = field(default_factory=Limits)
    waiting: WaitingRoom[Connection] = field(init=False)
    #: accepted and not lost, those included that have no protocol yet
    connections: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.waiting = WaitingRoom(self.limits)

    def answering(self) -> int:
        """How many connections have a whole request and wait for its answer, or have only just come."""
        return self.connections - len(self.waiting)

    def count(self, change: int) -> None:
        """Note that connections came or went, where the other workers and the metrics see it."""
        self.connections += change
        self.share.show(self.connections)
        self.connected(self.connections)


class TooManyRequestsError(Exception):
    """More requests at once than one connection may queue."""


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
        #: the request whose answer is under way, or was the last one; those after it are in the pipeline
        self._answering: RequestResponseCycle | None = None
        #: received since the last piece of a body, or end of a head or request
        self._bytes_outside_bodies = 0
        self._refused: Refused | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - as uvicorn's
        """Expect a request."""
        super().connection_made(transport)
        self.flow = Flow(transport, enough=lambda: bool(self.pipeline) or self._refused is not None)
        self._waiting.expects_head(self, self.loop.time())

    def connection_lost(self, exc: Exception | None) -> None:
        """Free the place."""
        self._waiting.leaves(self)
        self._floor.count(-1)
        if self._answering is not None and not self._answering.response_complete:
            # uvicorn tells the last request in the pipeline alone
            self._answering.disconnected = True
            self._answering.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse in pieces, so that what comes after too much is not parsed any more."""
        for start in range(0, len(data), PIECE_BYTES):
            if self._refused or self.transport.is_closing():
                return
            piece = data if len(data) <= PIECE_BYTES else data[start : start + PIECE_BYTES]
            self._bytes_outside_bodies += len(piece)
            super().data_received(piece)
            if self._bytes_outside_bodies > self._floor.limits.head_bytes and not self._refused:
                self._refuse(Refused.HEAD_TOO_LARGE)

    def on_chunk_header(self) -> None:
        """A chunk follows, or the trailers."""
        self._bytes_outside_bodies = 0

    def on_body(self, body: bytes) -> None:
        """A body is its reader's to limit."""
        self._bytes_outside_bodies = 0
        super().on_body(body)

    def on_message_begin(self) -> None:
        """The first byte of a request; the first request's time has begun with the connection."""
        super().on_message_begin()
        if self.cycle is not None and self.cycle.response_complete:
            self._waiting.expects_head(self, self.loop.time())

    def on_headers_complete(self) -> None:
        """The head is whole; a stopping server asks the client to connect anew after this answer."""
        self._bytes_outside_bodies = 0
        if len(self.pipeline) >= self._floor.limits.queued_requests:
            # the parser has no other way to stop; no answer follows but those to the requests before
            raise TooManyRequestsError
        super().on_headers_complete()
        if self._answering is self.cycle:
            self._wait_for_client()
        if not self._floor.readiness.ready and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """The request is whole: from now on the connection waits for this worker."""
        self._bytes_outside_bodies = 0
        super().on_message_complete()
        self._wait_for_client()

    def pause_writing(self) -> None:
        """The client does not read as fast as it is answered."""
        super().pause_writing()
        self._wait_for_client()

    def resume_writing(self) -> None:
        """The client has read."""
        super().resume_writing()
        self._wait_for_client()

    def _wait_for_client(self) -> None:
        """Be in the waiting room as long as it is the client that keeps an answer from being sent."""
        if self._answering is None or self._answering.response_complete:
            return
        if self.flow.write_paused:
            self._waiting.expects_reading(self, self.loop.time())
        elif self._answering.more_body:
            self._waiting.expects_body(self, self.loop.time())
        else:
            self._waiting.leaves(self)

    def on_response_complete(self) -> None:
        """Go on with the next request: uvicorn's way, but the waiting room replaces its timers."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            self._waiting.expects_reading(self, self.loop.time())
            return
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
            self._wait_for_client()
        elif self.cycle.response_complete:
            self._waiting.idles(self, self.loop.time())
        self.flow.resume_reading()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser does not understand; uvicorn's own would overtake answers under way."""
        del msg
        self._refuse(Refused.MALFORMED)

    def _refuse(self, why: Refused) -> None:
        """Read no more of this connection; requests that came whole are answered first, and then it ends."""
        self._refused = why
        self.flow.pause_reading()
        whole = self._whole_requests()
        if whole:
            whole[-1].keep_alive = False
            return
        if (
            self._answering is None
            or self._answering.response_complete
            or not self._answering.response_started
        ):
            self.transport.write(refusal(why))
        self.transport.close()
        self._waiting.expects_reading(self, self.loop.time())

    def shutdown(self) -> None:
        """End at once when nothing is under way; what was sent before must be read in time."""
        super().shutdown()
        if self.transport.is_closing():
            self._waiting.expects_reading(self, self.loop.time())

    def _whole_requests(self) -> list[RequestResponseCycle]:
        """Those that are not answered yet; one whose body can't be whole any more is dropped."""
        if self.pipeline and self.pipeline[0][0].more_body:
            self.pipeline.popleft()
        unanswered = [cycle for cycle, _ in reversed(self.pipeline)]
        if self._answering is not None and not self._answering.response_complete:
            unanswered.insert(0, self._answering)
        return [cycle for cycle in unanswered if not cycle.more_body]

    def say_goodbye(self) -> None:
        """Let the answer that is under way, if any, be this connection's last."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False

    def give_up(self) -> None:
        """Close a connection whose time is over; at once when it does not take what was sent to it."""
        if self.transport.is_closing() or self.flow.write_paused:
            self.transport.abort()
        else:
            self.transport.close()
