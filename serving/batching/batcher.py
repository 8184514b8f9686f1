"""Many requests, one engine: each gets the answer to its own rows, or the one error that it deserves.

An idle engine gets a request at once, in its thread; what arrives while it is at work waits in line and is
predicted together when it is done. A lone request whose call is known to be short is predicted where it is,
in the event loop: the hop to the thread and back would take longer than the call.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from serving.batching.answering import answer_all
from serving.batching.deadlines import Deadlines
from serving.batching.engine_thread import EngineThread
from serving.batching.limits import Limits
from serving.batching.line import Line
from serving.batching.measured_engine import MeasuredEngine, is_finite, not_finite
from serving.batching.patience import Patience
from serving.batching.pending import Outcome, Pending
from serving.engines.engine import Engine, Probabilities, Rows
from serving.errors import STOPPING, ClientLeft, DeadlinePassed, EngineStopped, Overloaded

#: a client that comes back sooner finds what it left
SOONEST_RETRY_SECONDS = 0.05


class BatchObserver(Protocol):
    """Is told of every batch."""

    def batched(self, requests: int, rows: int, waited_seconds: float) -> None:
        """A batch went to the engine; the first of its requests had waited for so long."""
        ...


def _ignored(seconds: float) -> None:
    del seconds


class Batcher:
    """Predicts the requests of one event loop with one engine; ``alone`` says that no other is in flight.

    ``hung`` is told once, after so many seconds, of a call in the thread that takes longer than it may: the
    thread can't be ended, so nobody behind it will be answered and the process should make way for another.
    """

    def __init__(
        self,
        engine: Engine,
        limits: Limits,
        alone: Callable[[], bool],
        observer: BatchObserver,
        clock: Callable[[], float] = time.perf_counter,
        hung: Callable[[float], None] = _ignored,
    ) -> None:
        self._engine = MeasuredEngine(engine, clock)
        self._limits = limits
        self._alone = alone
        self._observer = observer
        self._clock = clock
        self._hung = hung
        self._line = Line(limits)
        #: with the engine's thread; the line is empty when there are none
        self._running: list[Pending] = []
        self._running_rows = 0
        self._running_since = 0.0
        #: the loop's time from which on the call has hung
        self._hangs_at = math.inf
        self._stopped = ""
        # With the first request, since a process forks before and its children share no thread.
        self._bound: Bound | None = None

    @property
    def busy(self) -> bool:
        """Whether the engine's thread is at work."""
        return bool(self._running)

    async def probabilities(self, rows: Rows, patience: Patience) -> Probabilities:
        """The engine's answer to ``rows``.

        Raises:
            Overloaded: when too much waits already.
            DeadlinePassed: when the answer would come too late; at that time, not later.
            ClientLeft: when the client was gone when it was its turn.
            EngineStopped: when this is closed, or the engine's thread died with these rows.
            BadAnswer: when the engine's answer to these rows can't be probabilities.
            Exception: what the engine raises for these rows.
        """
        if self._stopped:
            raise EngineStopped(self._stopped)
        bound = self._bound or self._bind()
        now = bound.loop.time()
        if patience.deadline <= now:
            raise DeadlinePassed
        size = len(rows)
        if not self._running:
            if self._engine.call_time.seconds(size) < self._limits.max_direct_seconds and self._alone():
                return self._directly(rows, patience.deadline - now)
        elif not self._line.has_room(size):
            raise Overloaded(self._retry_after_seconds())
        pending = Pending(rows, patience, bound.loop.create_future(), self._clock())
        if self._running:
            self._line.join(pending)
        else:
            self._start(bound, [pending], pending.arrived)
        bound.deadlines.watch(patience.deadline)
        return await self._outcome(pending)

    def close(self) -> None:
        """Take no more requests; those in line fail, those with the engine are answered when it is done."""
        if not self._stopped:
            self._stop(STOPPING)

    async def _outcome(self, pending: Pending) -> Probabilities:
        if pending.outcome is None:
            raise AssertionError("The outcome of a request is fetched once.")
        try:
            outcome = await pending.outcome
        except BaseException:
            # Cancelled, or the coroutine is thrown away.
            self._line.leave(pending)
            raise
        finally:
            # Which also says that nobody waits any more.
            pending.outcome = None
        if not isinstance(outcome, Exception):
            return outcome
        try:
            raise outcome
        finally:
            # The error's traceback has this frame: rows would be kept until the garbage collector comes by.
            del outcome

    def _directly(self, rows: Rows, seconds_left: float) -> Probabilities:
        began = self._clock()
        answer = self._engine.probabilities(rows)
        self._observer.batched(1, len(rows), 0.0)
        if not is_finite(answer):
            raise not_finite()
        # Not the loop's time: uvloop's stands still during a callback.
        if self._clock() - began >= seconds_left:
            raise DeadlinePassed
        return answer

    def _bind(self) -> Bound:
        loop = asyncio.get_running_loop()
        calls = Deadlines(loop, self._watch_call)
        self._bound = Bound(loop, Deadlines(loop, self._expire), calls, self._new_thread(loop))
        return self._bound

    def _new_thread(self, loop: asyncio.AbstractEventLoop) -> EngineThread[list[Pending]]:
        def work(batch: list[Pending]) -> None:
            tell(self._finish, batch, answer_all(self._engine, batch))

        def died(error: BaseException) -> None:
            tell(self._revive, error)

        def tell(callback: Callable[..., None], *given: object) -> None:
            try:
                loop.call_soon_threadsafe(callback, *given)
            except RuntimeError:
                # A loop that was closed during the call has nobody who waits.
                if not loop.is_closed():
                    raise

        return EngineThread(work, died)

    def _start(self, bound: Bound, batch: list[Pending], now: float) -> None:
        self._running, self._running_since = batch, now
        self._running_rows = sum(len(pending.rows) for pending in batch)
        bound.thread.give(batch)
        self._hangs_at = bound.loop.time() + self._limits.max_call_seconds
        bound.calls.watch(self._hangs_at)
        self._observer.batched(len(batch), self._running_rows, now - batch[0].arrived)

    def _finish(self, batch: list[Pending], outcomes: list[Outcome]) -> None:
        """Hand out what the thread computed, and give it what has come in line meanwhile."""
        if self._bound is None or batch is not self._running:
            return
        now = self._bound.loop.time()
        for pending, outcome in zip(batch, outcomes, strict=True):
            pending.settle(DeadlinePassed() if pending.patience.deadline <= now else outcome)
        # An error's traceback leads to this list, and the list to the error.
        outcomes.clear()
        self._go_on(self._bound, now)

    def _go_on(self, bound: Bound, now: float) -> None:
        self._running = []
        batch = self._line.batch(lambda pending: _refused(pending, now))
        if batch:
            self._start(bound, batch, self._clock())

    def _revive(self, error: BaseException) -> None:
        """The thread died: those whose rows it had are told, the others get a new one."""
        if self._bound is None:
            return
        for pending in self._running:
            pending.settle(EngineStopped(f"The engine's thread ended with {type(error).__name__}: {error}."))
        self._running = []
        if self._stopped:
            return
        try:
            self._bound.thread = self._new_thread(self._bound.loop)
        except RuntimeError as refused:
            self._stop(f"No new thread could be started for the engine: {refused}.")
            return
        self._go_on(self._bound, self._bound.loop.time())

    def _expire(self, now: float) -> float:
        """Tell those whose deadline has come; return the next deadline."""
        self._line.drop(lambda pending: _overdue(pending, now))
        for pending in self._running:
            _overdue(pending, now)
        waiting = (p.patience.deadline for p in (*self._running, *self._line) if p.wanted)
        return min(waiting, default=math.inf)

    def _watch_call(self, now: float) -> float:
        """Tell that the call hangs, if it does; return when this one, or else none, would."""
        if not self._running:
            return math.inf
        if now < self._hangs_at:
            return self._hangs_at
        self._hung(self._limits.max_call_seconds)
        return math.inf

    def _stop(self, sentence: str) -> None:
        self._stopped = sentence

        def told(pending: Pending) -> bool:
            pending.settle(EngineStopped(sentence))
            return True

        self._line.drop(told)
        if self._bound is not None:
            self._bound.thread.end()
            self._bound.calls.close()
            if not self._running:
                self._bound.deadlines.close()

    def _retry_after_seconds(self) -> float:
        """When what is ahead is probably answered."""
        call_time = self._engine.call_time
        running = call_time.guess(self._running_rows)
        age = self._clock() - self._running_since
        # A call that is late already takes, for all that is known, as long again.
        rest = running - age if running > age else age
        ahead = call_time.to_answer(self._line.rows, self._limits.max_batch_rows)
        return max(SOONEST_RETRY_SECONDS, rest + ahead)


@dataclass(slots=True)
class Bound:
    """What a batcher has from its first request on."""

    loop: asyncio.AbstractEventLoop
    deadlines: Deadlines
    #: when the thread's call has hung
    calls: Deadlines
    thread: EngineThread[list[Pending]]


def _overdue(pending: Pending, now: float) -> bool:
    """Whether an answer would be in vain: it was cancelled, or its deadline has come, which it is told."""
    if pending.patience.deadline <= now:
        pending.settle(DeadlinePassed())
    return not pending.wanted


def _refused(pending: Pending, now: float) -> bool:
    """Whether nobody wants the answer any more; then it is told why it gets none."""
    if not _overdue(pending, now) and pending.patience.left():
        pending.settle(ClientLeft())
    return not pending.wanted
