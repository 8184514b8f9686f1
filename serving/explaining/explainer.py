"""Explanations under a limit of their own: one at a time, few that wait, and a child that may die."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from serving.batching.patience import Patience
from serving.engines.engine import Rows
from serving.errors import ClientLeft, DeadlinePassed, EngineStopped, NotExplainable, Overloaded
from serving.explaining.child_process import ChildProcess, start_child

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Explainer(Protocol):
    """Says why the model answers what it answers."""

    async def explain(self, rows: Rows, patience: Patience) -> bytes:
        """The JSON of an explanation for each of ``rows``, which the model's schema has checked.

        Raises:
            NotExplainable: when the model is of no kind that can be explained.
            Overloaded: when too many wait already.
            DeadlinePassed: when the answer would come too late.
            ClientLeft: when nobody waits for it any more.
            EngineStopped: when the process that explained these rows ended.
            BadAnswer: when these rows have no explanation.
        """
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What explanations may take."""

    #: requests that wait while another is explained
    waiting: int = 4
    #: a child that is silent for longer has hung: it is killed, and the next request starts another
    hang_seconds: float = 30.0
    #: until a child has imported its libraries and loaded the model
    start_seconds: float = 120.0
    #: a child that nobody has asked for this long gives its memory back
    idle_seconds: float = 600.0


@dataclass(frozen=True, slots=True)
class _Job:
    rows: Rows
    patience: Patience
    answer: asyncio.Future[bytes]


class ChildExplainer:
    """Explains in a child process of this worker; used from one event loop."""

    def __init__(self, directory: Path, sha256: str, limits: Limits | None = None) -> None:
        self._directory = directory
        self._sha256 = sha256
        self._limits = limits or Limits()
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue(self._limits.waiting)
        self._running: asyncio.Task[None] | None = None
        self._child: ChildProcess | None = None
        self._unable: NotExplainable | None = None
        #: seconds that the last explanation took
        self._took_seconds = 1.0

    @property
    def child_pid(self) -> int | None:
        """The process id of the child, None when there is none now."""
        return None if self._child is None else self._child.process.pid

    async def explain(self, rows: Rows, patience: Patience) -> bytes:
        """Wait for the child, and for those before."""
        if self._unable is not None:
            raise NotExplainable(self._unable.reason)
        job = _Job(rows, patience, asyncio.get_running_loop().create_future())
        if self._jobs.full():
            self._drop_the_unwanted()
        if self._jobs.full():
            raise Overloaded(self._took_seconds * (1 + self._jobs.qsize()))
        self._jobs.put_nowait(job)
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        try:
            async with asyncio.timeout_at(patience.deadline):
                return await job.answer
        except TimeoutError:
            # The child may go on with it for a while: only one that hangs is killed, since a client's short
            # patience must not cost the next one the seconds of another start.
            raise DeadlinePassed from None

    async def close(self) -> None:
        """End the child and refuse what waits; for the end of the worker."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
        await self._end_child()
        while not self._jobs.empty():
            _settle(self._jobs.get_nowait(), EngineStopped("The server is stopping: ask another one."))

    def _drop_the_unwanted(self) -> None:
        """Free the places of those who do not wait any more, which the child may be too busy to notice."""
        for _ in range(self._jobs.qsize()):
            job = self._jobs.get_nowait()
            if not job.answer.done() and job.patience.left():
                _settle(job, ClientLeft())
            if not job.answer.done():
                self._jobs.put_nowait(job)

    async def _run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._limits.idle_seconds if self._child else None):
                    job = await self._jobs.get()
            except TimeoutError:
                await self._end_child()
                continue
            if job.answer.done():
                continue
            try:
                content = await self._answer(job)
            except asyncio.CancelledError:
                _settle(job, EngineStopped("The server is stopping: ask another one."))
                raise
            except Exception as error:  # noqa: BLE001 - one request's failure; the next starts a new child
                _settle(job, error)
            else:
                if not job.answer.done():
                    job.answer.set_result(content)

    async def _answer(self, job: _Job) -> bytes:
        if job.patience.left():
            raise ClientLeft
        try:
            child = self._child or await self._start()
            if job.answer.done():
                raise DeadlinePassed
            began = time.monotonic()
            async with asyncio.timeout(self._limits.hang_seconds):
                content = await child.explain(job.rows)
            self._took_seconds = time.monotonic() - began
        except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
            await self._end_child()
            log.warning("explaining_child_lost", error=type(error).__name__)
            raise EngineStopped("The process that explained these rows has ended: ask again.") from error
        return content

    async def _start(self) -> ChildProcess:
        began = time.monotonic()
        self._child = child = await start_child(self._directory, self._sha256)
        try:
            async with asyncio.timeout(self._limits.start_seconds):
                await child.ready()
        except NotExplainable as error:
            self._unable = error
            await self._end_child()
            raise
        log.info("explaining_child_started", pid=self.child_pid, seconds=round(time.monotonic() - began, 3))
        return child

    async def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.end()


def _settle(job: _Job, error: Exception) -> None:
    if not job.answer.done():
        job.answer.set_exception(error)
