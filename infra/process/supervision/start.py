"""One start of one service: prepare it, start its process, and wait until it is ready or has failed."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable

from homeostat.errors import HomeostatError
from homeostat.service import Launch, Service
from infra import disk
from infra.process.errors import ServiceNotReady
from infra.process.processes.child import Child, spawn
from infra.process.processes.readiness import ReadinessSocket
from infra.process.state.logs import last_lines, log_path
from infra.process.state.ports import is_free
from infra.process.status import Phase
from infra.process.supervision.ground import Ground

#: between two questions whether a starting service answers
_ASK_SECONDS = 0.1
_LINES = 5


async def prepare(service: Service, ground: Ground) -> Launch:
    """Let the service's room write its configuration and say how to start it.

    Raises:
        ServiceNotReady: with the reason when the room can't.
    """
    loop = asyncio.get_running_loop()

    def say(what: str) -> None:
        loop.call_soon_threadsafe(lambda: ground.board.note(service.name, doing=what))

    try:
        return await asyncio.to_thread(service.launch, ground.site.saying(say))
    except HomeostatError as error:
        raise ServiceNotReady(str(error)) from error
    except OSError as error:
        raise ServiceNotReady(disk.explain(error, ground.site.state)) from error
    except Exception as error:
        raise ServiceNotReady(f"its room can't prepare it: {type(error).__name__}: {error}.") from error


async def start(service: Service, launch: Launch, ground: Ground, listener: socket.socket | None) -> Child:
    """Start the process of ``service`` and wait until it is ready.

    Raises:
        ServiceNotReady: when it ends or is not ready in time; it no longer runs then.
    """
    readiness = ReadinessSocket() if listener else None
    try:
        child = await _spawn(service, launch, ground, listener, readiness)
        try:
            await _await_ready(child, _ready(service, ground, readiness), service, ground)
        except BaseException:
            await child.stop(ground.pace.drain_seconds)
            raise
        return child
    finally:
        if readiness:
            readiness.close()


async def _spawn(
    service: Service,
    launch: Launch,
    ground: Ground,
    listener: socket.socket | None,
    readiness: ReadinessSocket | None,
) -> Child:
    if listener is None and service.default_port is not None:
        port = ground.site.port(service.name)
        if not is_free(port):
            raise ServiceNotReady(f"port {port} is in use by another program; it must end first.")
    descriptor = listener.fileno() if listener else None
    order = ground.order(service.name, launch, descriptor, readiness.address if readiness else None)
    try:
        child = await spawn(order)
    except OSError as error:
        raise ServiceNotReady(disk.explain(error, ground.site.logs)) from error
    return child


async def _ready(service: Service, ground: Ground, readiness: ReadinessSocket | None) -> None:
    """Come back when the service says, or shows, that it is ready."""
    if readiness:
        await readiness.ready()
    elif service.default_port is None:
        await asyncio.sleep(ground.pace.settle_seconds)
    else:
        url = ground.site.url(service.name) + service.health_path
        while complaint := await ground.health.complaint(url):
            ground.board.note(service.name, doing=complaint)
            await asyncio.sleep(_ASK_SECONDS)


async def _await_ready(child: Child, ready: Awaitable[None], service: Service, ground: Ground) -> None:
    """Wait for what comes first: ready, the process's end, or the end of patience."""
    seconds = ground.pace.start_seconds
    waiting = asyncio.ensure_future(ready)
    ending = asyncio.ensure_future(child.wait())
    try:
        await asyncio.wait({waiting, ending}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if ending.done():
            raise ServiceNotReady(f"{how_it_ended(child)} before it was ready{said(service.name, ground)}")
        if not waiting.done():
            raise ServiceNotReady(f"was not ready within {seconds:g} s{said(service.name, ground)}")
        await waiting
    finally:
        waiting.cancel()
        ending.cancel()
        await asyncio.gather(waiting, ending, return_exceptions=True)


def how_it_ended(child: Child) -> str:
    """The exit code or the signal, in words."""
    code = child.exit_code
    return f"was ended by signal {-code}" if code is not None and code < 0 else f"exited with code {code}"


def said(service: str, ground: Ground) -> str:
    """The service's last words, to be put after what happened to it."""
    lines = last_lines(log_path(ground.site.logs, service), _LINES)
    return (
        "; its last log lines:\n" + "\n".join(f"  {line}" for line in lines)
        if lines
        else "; its log is empty."
    )


def entering(service: Service, ground: Ground, child: Child) -> None:
    """Write down that ``child`` now is the service and does its work."""
    ground.board.enter(
        service.name,
        Phase.HEALTHY,
        pid=child.pid,
        started_ticks=child.identity.started_ticks if child.identity else None,
        revision=service.revision,
        failures=0,
    )
