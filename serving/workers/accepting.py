"""Accepting from the one listening socket that all workers share.

One socket, so that connections which nobody has accepted yet outlive a killed worker: they wait in the
kernel, and another one takes them (with SO_REUSEPORT each worker has a queue of its own, which dies with it).

An event loop's own server accepts everything that waits in one go, so that one worker gets a whole burst.
Here one connection is taken at a wake-up, and a worker that is ahead of the others lets them go first for a
moment.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable
from typing import Any

import structlog

from serving.workers.connection import Connection, Floor

#: connections that wait in the kernel while no worker accepts
BACKLOG = 2048
#: how long a worker that is ahead lets others go first
COURTESY_SECONDS = 0.002
#: what it may take after that without looking again, in case that nobody else could
AFTER_COURTESY = 2
#: between two attempts when there is no place, and none can be made
FULL_SECONDS = 0.02
#: between two attempts when the machine has no descriptor or memory left
EXHAUSTED_SECONDS = 0.5
#: between two looks for connections whose time is over
SWEEP_SECONDS = 1.0
#: the machine's and the process's shortages, which pass; trying again at once would only spin
SHORTAGES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Acceptor:
    """Takes connections for one worker; stands where uvicorn has an asyncio server."""

    def __init__(
        self,
        listener: socket.socket,
        floor: Floor,
        connection: Callable[[], Connection],
        most_connections: int,
    ) -> None:
        self._listener, self._floor, self._connection = listener, floor, connection
        self._most = most_connections
        self._loop = asyncio.get_running_loop()
        self._credit = 0
        self._joining: set[asyncio.Task[Any]] = set()
        self._resuming: asyncio.TimerHandle | None = None
        self._open = False

    def start(self) -> None:
        """Accept from now on.

        Raises:
            OSError: when the socket can't be listened on.
        """
        self._listener.settimeout(0)
        self._listener.listen(BACKLOG)
        self._open = True
        self._floor.share.open()
        self._loop.add_reader(self._listener.fileno(), self._readable)
        self._sweep()

    def accept_what_waits(self) -> None:
        """Accept what the kernel would reset with the listener, as far as there are places."""
        for _ in range(BACKLOG):
            if not self._open or self._floor.connections >= self._most or not self._accept():
                return

    def close(self) -> None:
        """Accept no more; what is accepted stays."""
        if not self._open:
            return
        self._open = False
        self._floor.share.close()
        self._loop.remove_reader(self._listener.fileno())
        if self._resuming is not None:
            self._resuming.cancel()
        self._listener.close()

    async def wait_closed(self) -> None:
        """Wait until every connection that was accepted has its protocol."""
        if self._joining:
            await asyncio.wait(self._joining)

    def _readable(self) -> None:
        if self._credit > 0:
            self._credit -= 1
        elif self._floor.share.ahead():
            self._pause(COURTESY_SECONDS, self._nobody_else_took_it)
            return
        self._take()

    def _nobody_else_took_it(self) -> None:
        # only when one still waits: else the next burst would find this worker not looking
        if self._take():
            self._credit = AFTER_COURTESY

    def _take(self) -> bool:
        if self._floor.connections >= self._most and not self._make_room():
            self._pause(FULL_SECONDS)
            return False
        return self._accept()

    def _accept(self) -> bool:
        try:
            accepted, _ = self._listener.accept()
        except OSError as error:
            if error.errno in SHORTAGES:
                self._run_short(error)
            # else another worker was first, or the client has left: the next wake-up tells
            return False
        accepted.settimeout(0)
        self._floor.count(1)
        task = self._loop.create_task(self._join(accepted))
        self._joining.add(task)
        task.add_done_callback(self._joining.discard)
        return True

    def _run_short(self, error: OSError) -> None:
        log.error("accept_failed", error=str(error), connections=self._floor.connections)
        self._make_room()
        self._pause(EXHAUSTED_SECONDS)

    async def _join(self, accepted: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._connection, accepted)
        except OSError:
            # the client left in between
            self._floor.count(-1)
            accepted.close()

    def _make_room(self) -> bool:
        """Give up the connection that has made its worker wait the longest; False when none made it wait."""
        oldest = self._floor.waiting.oldest(self._loop.time())
        if oldest is None:
            return False
        oldest.transport.abort()
        return True

    def _pause(self, seconds: float, first: Callable[[], None] | None = None) -> None:
        self._loop.remove_reader(self._listener.fileno())
        self._resuming = self._loop.call_later(seconds, self._resume, first)

    def _resume(self, first: Callable[[], None] | None) -> None:
        self._loop.add_reader(self._listener.fileno(), self._readable)
        if first is not None:
            first()

    def _sweep(self) -> None:
        for connection in self._floor.waiting.overdue(self._loop.time()):
            connection.give_up()
        # a stopping worker waits for the same clients
        if self._open or self._floor.connections:
            self._loop.call_later(SWEEP_SECONDS, self._sweep)
