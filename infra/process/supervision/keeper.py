"""Keeps one service running: starts it, looks after it, starts it again, and replaces it when it changes.

A change of revision of a service that inherits its socket is a rollover: the new process gets ready beside
the old one, both on the same socket, and only then the old one is asked to end. When the new one fails, the
old one stays and that revision is not tried again.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from contextlib import suppress

from homeostat.errors import MachineError
from homeostat.service import Service
from infra.process.errors import ServiceNotReady
from infra.process.processes.child import Child
from infra.process.processes.listening import listen
from infra.process.state.targets import write_target
from infra.process.status import Phase
from infra.process.supervision.ground import Ground
from infra.process.supervision.start import entering, how_it_ended, prepare, said, start


class Keeper:
    """The keeper of one service."""

    def __init__(self, service: Service, ground: Ground, needed: Callable[[str], asyncio.Event]) -> None:
        self._ground = ground
        self._needed = needed
        #: what the deployed revision declares
        self._wanted = service
        #: what runs, or ran last
        self._current = service
        self._refused_revision: str | None = None
        self._changed = asyncio.Event()
        #: in a row
        self._failures = 0
        self._listener: socket.socket | None = None
        self._child: Child | None = None
        #: set once the service was healthy for the first time
        self.ready = asyncio.Event()

    @property
    def needs(self) -> tuple[str, ...]:
        """The services that must be healthy before this one."""
        return self._wanted.needs

    @property
    def essential(self) -> bool:
        """Whether the platform is not up without it."""
        return self._wanted.essential

    def want(self, service: Service) -> None:
        """Let ``service`` be what is kept running from now on.

        The board says so at once: whoever reads that a commit is deployed must not find there what became of
        the one before it.
        """
        board, name = self._ground.board, service.name
        if service.revision == self._current.revision:
            self._refused_revision = None
            board.note(name, rollout=None)
        elif service.revision not in {self._refused_revision, self._wanted.revision}:
            self._failures = 0
            board.note(name, rollout=f"rolling out {_short(service.revision)}", failures=0)
        self._wanted = service
        self._changed.set()

    async def keep(self) -> None:
        """Keep the service running until cancelled; it no longer runs then."""
        name, pace = self._current.name, self._ground.pace
        try:
            while True:
                self._take_up_what_is_wanted()
                began = time.monotonic()
                try:
                    await self._start()
                    began = time.monotonic()
                    reason = await self._look_after()
                except (ServiceNotReady, MachineError) as error:
                    reason = str(error)
                if reason is None:
                    continue  # replaced on purpose
                if self._child and time.monotonic() - began > pace.forget_seconds:
                    self._failures = 0
                self._failures += 1
                await self._lose(reason)
                await self._rest(pace.rest_seconds(self._failures))
                self._ground.board.note(name, restarts=self._ground.board[name].restarts + 1)
        finally:
            await self._stop()

    def _take_up_what_is_wanted(self) -> None:
        self._changed.clear()
        if self._wanted.revision != self._refused_revision:
            self._current = self._wanted

    async def _start(self) -> None:
        service, board = self._current, self._ground.board
        board.enter(service.name, Phase.WAITING)
        for need in service.needs:
            await self._needed(need).wait()
        board.enter(service.name, Phase.PREPARING, revision=service.revision)
        launch = await prepare(service, self._ground)
        board.enter(service.name, Phase.STARTING)
        self._declare_target()
        self._child = await start(service, launch, self._ground, self._listening())
        entering(service, self._ground, self._child)
        if board[service.name].rollout and service.revision != self._refused_revision:
            self._tell_rolled_out(service)
        self.ready.set()

    async def _look_after(self) -> str | None:
        """Watch the process; return why it was lost, or None when it must make room for another revision."""
        sick_since: float | None = None
        while True:
            await self._something_happens()
            assert self._child is not None  # noqa: S101 - set by _start, and only _lose clears it
            if self._child.exit_code is not None:
                return how_it_ended(self._child) + said(self._current.name, self._ground)
            if self._changed.is_set() and not await self._take_up_change():
                return None
            complaint = await self._complaint()
            sick_since = (sick_since or time.monotonic()) if complaint else None
            if complaint and sick_since and time.monotonic() - sick_since > self._ground.pace.sick_seconds:
                await self._child.stop(self._ground.pace.drain_seconds)
                return f"was unhealthy for {self._ground.pace.sick_seconds:g} s ({complaint})."

    async def _something_happens(self) -> None:
        """Wait for the end of the process, a change of what is wanted, or the next look."""
        assert self._child is not None  # noqa: S101 - set by _start, and only _lose clears it
        ending = asyncio.ensure_future(self._child.wait())
        changing = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait(
                {ending, changing},
                timeout=self._ground.pace.look_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            ending.cancel()
            changing.cancel()
            await asyncio.gather(ending, changing, return_exceptions=True)

    async def _complaint(self) -> str | None:
        service = self._current
        if service.default_port is None:
            return None
        complaint = await self._ground.health.complaint(
            self._ground.site.url(service.name) + service.health_path
        )
        phase = Phase.UNHEALTHY if complaint else Phase.HEALTHY
        if complaint:
            self._ground.board.enter(service.name, phase, last_error=complaint)
        else:
            self._ground.board.enter(service.name, phase)
        return complaint

    async def _take_up_change(self) -> bool:
        """Follow a change of what is wanted; False when the service must be stopped first to do so."""
        self._changed.clear()
        wanted = self._wanted
        if wanted.revision == self._current.revision:
            self._current = wanted
            self._declare_target()
            return True
        if wanted.revision == self._refused_revision:
            return True
        if not wanted.inherits_socket or self._listener is None:
            await self._stop()
            return False
        await self._roll_over(wanted)
        return True

    async def _roll_over(self, wanted: Service) -> None:
        board, old = self._ground.board, self._child
        try:
            launch = await prepare(wanted, self._ground)
            new = await start(wanted, launch, self._ground, self._listener)
        except ServiceNotReady as error:
            self._refused_revision = wanted.revision
            if self._wanted.revision == wanted.revision:
                board.note(
                    wanted.name, rollout=f"rollout failed: {_short(wanted.revision)} {error}", doing=""
                )
            return
        self._child, self._current, self._refused_revision = new, wanted, None
        entering(wanted, self._ground, new)
        self._declare_target()
        if old:
            await old.stop(self._ground.pace.drain_seconds)
        # not before: on the shared socket the old one may answer until it has ended
        self._tell_rolled_out(wanted)

    def _tell_rolled_out(self, service: Service) -> None:
        if self._wanted.revision == service.revision:
            self._ground.board.note(service.name, rollout=f"rolled out {_short(service.revision)}", doing="")

    def _declare_target(self) -> None:
        if self._current.default_port is not None:
            with suppress(OSError):  # a full disk: said in the status, and written at the next change
                write_target(
                    self._ground.site.scrape_targets,
                    self._current,
                    self._ground.site.port(self._current.name),
                )

    def _listening(self) -> socket.socket | None:
        if self._current.inherits_socket and self._listener is None:
            self._listener = listen(self._ground.site.port(self._current.name))
        return self._listener

    async def _lose(self, reason: str) -> None:
        child, self._child = self._child, None
        if child:
            await child.bury()
        self._ground.board.enter(
            self._current.name,
            Phase.RESTING,
            last_error=reason,
            failures=self._failures,
            pid=None,
            started_ticks=None,
        )

    async def _rest(self, seconds: float) -> None:
        """Wait before the next start; a change of what is wanted may be the cure, so it ends the rest."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)

    async def _stop(self) -> None:
        child, self._child = self._child, None
        if child:
            self._ground.board.enter(self._current.name, Phase.STOPPING)
            await child.stop(self._ground.pace.drain_seconds)

    def close(self) -> None:
        """Listen no longer; for when the service is not wanted any more."""
        if self._listener:
            self._listener.close()
            self._listener = None


def _short(revision: str) -> str:
    return revision[:12] or "the new declaration"
