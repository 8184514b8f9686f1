"""The master: forks the workers, fills the place of a dead one, and passes on what it is asked.

It loaded the model once and does nothing but watch afterwards. It has one thread, since a fork copies only
the thread that forks: a lock that another one held would stay locked in the worker for ever.
"""

from __future__ import annotations

import os
import selectors
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from homeostat.errors import MachineError
from serving.workers.child import Work, Worker, fork_worker
from serving.workers.pacing import deaths_in_a_row, pause_seconds
from serving.workers.reports import Failed, WorkerFailed
from serving.workers.signals import SignalInbox

#: from its fork on; a model that takes longer to open and to answer once has hung
START_SECONDS = 120.0
_OWN_THREADS = Path("/proc/self/task")

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Events:
    """What the rest of the server wants to hear from the master, in the master."""

    #: each worker listens for the first time
    on_ready: Callable[[], None]
    #: a worker died unasked, or is about to be replaced; with its number
    on_lost: Callable[[int], None]
    #: the first request to stop; the master needs the listener no more
    on_stop: Callable[[], None]


def run_workers(count: int, work: Work, events: Events, inbox: SignalInbox, grace_seconds: float) -> None:
    """Keep ``count`` processes at ``work`` until SIGTERM or SIGINT, and return once all of them have ended.

    Args:
        count: how many workers.
        work: what each of them does.
        events: who is told.
        inbox: the signals, from the process's first moment on.
        grace_seconds: how long workers may take to finish after the first request to stop.

    Raises:
        MachineError: when this process has other threads.
        WorkerFailed: when a worker can't start the first time, with its sentence and exit code.
    """
    if _OWN_THREADS.is_dir() and (others := len(list(_OWN_THREADS.iterdir())) - 1):
        raise MachineError(
            f"Reading the model started {others} threads, which no worker would have: "
            "a library that it needs must not start any before it predicts."
        )
    master = Master(count, work, events, inbox, grace_seconds)
    try:
        master.run()
    finally:
        master.leave_nothing()


class Master:
    """One run of the workers."""

    def __init__(
        self, count: int, work: Work, events: Events, inbox: SignalInbox, grace_seconds: float
    ) -> None:
        self._count, self._work, self._events, self._inbox = count, work, events, inbox
        self._grace_seconds = grace_seconds
        self._selector = selectors.DefaultSelector()
        self._selector.register(inbox.descriptor, selectors.EVENT_READ)
        self._living: dict[int, Worker] = {}
        self._deaths: dict[int, int] = {}
        #: worker numbers without a process, and when they get one
        self._due: dict[int, float] = dict.fromkeys(range(count), 0.0)
        self._ready = False
        self._stops = 0
        self._kill_at: float | None = None
        self._failure: WorkerFailed | None = None

    def run(self) -> None:
        """Watch until the last worker has ended."""
        self._take_up_stops()
        while self._living or self._due:
            self._fork_what_is_due()
            self._wait()
            self._hear()
            self._reap()
            self._take_up_stops()
            self._lose_patience()
        if self._failure:
            raise self._failure

    def leave_nothing(self) -> None:
        """Kill what still lives, also when the master itself failed."""
        self._send(signal.SIGKILL)
        for worker in self._living.values():
            with suppress(ChildProcessError):
                os.waitpid(worker.pid, 0)
        self._selector.close()

    def _fork_what_is_due(self) -> None:
        now = time.monotonic()
        for index in [index for index, due in self._due.items() if due <= now]:
            del self._due[index]
            worker = fork_worker(index, self._work, self._inbox, self._living.values())
            self._living[worker.pid] = worker
            self._selector.register(worker.descriptor, selectors.EVENT_READ, worker)

    def _wait(self) -> None:
        moments = [*self._due.values(), *([] if self._kill_at is None else [self._kill_at])]
        moments += [worker.born + START_SECONDS for worker in self._starting()]
        patience = max(0.0, min(moments) - time.monotonic()) if moments else None
        self._selector.select(patience)
        self._inbox.empty()

    def _hear(self) -> None:
        for worker in list(self._living.values()):
            self._hear_one(worker)
        listening = sum(worker.listening for worker in self._living.values())
        if listening == self._count and not (self._ready or self._stopping):
            self._ready = True
            self._events.on_ready()

    def _hear_one(self, worker: Worker) -> None:
        for report in worker.reports():
            if isinstance(report, Failed):
                self._cannot_start(worker, report)
            else:
                worker.listening = True

    def _cannot_start(self, worker: Worker, failed: Failed) -> None:
        if self._ready:
            log.error("worker_failed", worker=worker.index, pid=worker.pid, error=failed.sentence)
        elif self._failure is None:
            self._failure = WorkerFailed(failed.sentence, failed.exit_code)
            self._stop()

    def _reap(self) -> None:
        """Bury the dead; the first process of a container inherits strangers, which are buried as well."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if worker := self._living.get(pid):
                self._hear_one(worker)  # its last words
                del self._living[pid]
                self._selector.unregister(worker.descriptor)
                os.close(worker.descriptor)
                self._lose(worker, os.waitstatus_to_exitcode(status))

    def _lose(self, worker: Worker, exit_code: int) -> None:
        if self._stopping and exit_code == 0:
            return
        self._events.on_lost(worker.index)
        how = _how_it_ended(exit_code)
        lived = time.monotonic() - worker.born
        log.error("worker_died", worker=worker.index, pid=worker.pid, lived_seconds=round(lived, 3), **how)
        if self._stopping:
            return
        if not self._ready and not worker.listening:
            ended = how.get("signal") or f"exit code {exit_code}"
            self._failure = WorkerFailed(f"A worker ended before it could answer ({ended}).", 1)
            self._stop()
            return
        deaths = self._deaths[worker.index] = deaths_in_a_row(self._deaths.get(worker.index, 0), lived)
        self._due[worker.index] = time.monotonic() + pause_seconds(deaths)

    @property
    def _stopping(self) -> bool:
        return self._stops > 0 or self._failure is not None

    def _take_up_stops(self) -> None:
        """The first request lets workers drain, the second lets them stop at once, the third ends them."""
        asked = self._inbox.stops
        if asked == self._stops:
            return
        first = not self._stopping
        self._stops = asked
        if asked >= 3:
            self._send(signal.SIGKILL)
        elif first:
            log.info("stopping", workers=len(self._living))
            self._stop()
        else:
            self._send(signal.SIGTERM)

    def _stop(self) -> None:
        self._due.clear()
        self._kill_at = time.monotonic() + self._grace_seconds
        self._events.on_stop()
        self._send(signal.SIGTERM)

    def _lose_patience(self) -> None:
        if self._kill_at is not None and time.monotonic() >= self._kill_at and self._living:
            self._kill_at = None
            pids = [worker.pid for worker in self._living.values()]
            log.error("workers_killed", pids=pids, grace_seconds=self._grace_seconds)
            self._send(signal.SIGKILL)

        for worker in self._starting():
            if time.monotonic() >= worker.born + START_SECONDS:
                log.error("worker_hangs", worker=worker.index, pid=worker.pid, seconds=START_SECONDS)
                worker.killed = True
                os.kill(worker.pid, signal.SIGKILL)

    def _starting(self) -> list[Worker]:
        """Those of which it is not known yet whether they ever will answer."""
        return [worker for worker in self._living.values() if not (worker.listening or worker.killed)]

    def _send(self, number: signal.Signals) -> None:
        for worker in self._living.values():
            with suppress(ProcessLookupError):
                os.kill(worker.pid, number)


def _how_it_ended(exit_code: int) -> dict[str, str | int]:
    if exit_code < 0:
        return {"signal": signal.strsignal(-exit_code) or str(-exit_code)}
    return {"exit_code": exit_code}
