"""Arrivals, failures, cancellations, clients that leave, deadlines and the end, in every order.

The model beside the batcher is its rule in plain words: an idle engine gets a request at once, a busy one
lets it wait while there is room, and the next batch is what fits of those that still want their answer.
"""

from __future__ import annotations

import asyncio
import gc
import weakref
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from serving.batching.batcher import Batcher
from serving.batching.limits import Limits
from serving.batching.patience import Patience
from serving.errors import BadAnswer, ClientLeft, DeadlinePassed, EngineStopped, Overloaded
from tests.unit.serving.batching.controlled import (
    GUARD_SECONDS,
    Boom,
    GatedEngine,
    Kind,
    ManualLoop,
    Observed,
    engine_threads,
    good_answer,
    rows_of,
)

LIMITS = Limits(max_batch_rows=6, max_queued_rows=14, max_queued_requests=5)
KINDS = st.lists(st.sampled_from([Kind.GOOD] * 12 + list(Kind)), min_size=1, max_size=9)


@dataclass
class Asked:
    """One request of the test."""

    number: int
    kinds: list[Kind]
    deadline: float
    task: asyncio.Task[Any]
    left: list[bool]
    #: what it must end with once it is over; None while it still waits
    due: type[BaseException] | None = None

    @property
    def size(self) -> int:
        return len(self.kinds)


@dataclass
class Model:
    """Who is with the engine and who waits, by the rule."""

    running: list[Asked] = field(default_factory=list)
    line: list[Asked] = field(default_factory=list)

    def has_room(self, size: int) -> bool:
        fits = sum(asked.size for asked in self.line) + size <= LIMITS.max_queued_rows
        return not self.line or (fits and len(self.line) < LIMITS.max_queued_requests)

    def next_batch(self) -> None:
        self.running = []
        while self.line:
            taken = sum(asked.size for asked in self.running)
            asked = self.line[0]
            if not asked.left[0] and taken and taken + asked.size > LIMITS.max_batch_rows:
                return
            self.line.pop(0)
            if asked.left[0]:
                asked.due = ClientLeft
            else:
                self.running.append(asked)


class Interleaving(RuleBasedStateMachine):
    """Drives a real batcher with its real thread, on a clock and an engine that wait for the next rule."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = ManualLoop()
        self.engine = GatedEngine()
        self.observed = Observed()
        self.lone = False
        self.closed = False
        self.batcher = Batcher(
            self.engine, LIMITS, lambda: self.lone, self.observed, clock=lambda: self.engine.clock
        )
        self.model = Model()
        self.all: list[Asked] = []
        self.kept: list[weakref.ref[Any]] = []

    def settle(self) -> None:
        """Until the engine waits for its release or has nothing to do."""
        self.loop.until(lambda: self.engine.inside or not self.batcher.busy)

    @property
    def waiting(self) -> list[Asked]:
        return [asked for asked in self.model.running + self.model.line if not asked.task.done()]

    @rule(kinds=KINDS, seconds=st.integers(1, 20))
    def arrives(self, kinds: list[Kind], seconds: int) -> None:
        number, deadline, left = len(self.all), self.loop.now + seconds, [False]
        rows = rows_of(number, kinds)
        self.kept.append(weakref.ref(rows))
        calls = len(self.engine.calls)
        answer = self.batcher.probabilities(rows, Patience(deadline, lambda: left[0]))
        asked = Asked(number, kinds, deadline, self.loop.create_task(answer), left)
        del rows, answer
        self.all.append(asked)
        idle = not self.model.running
        self.settle()
        if self.closed:
            asked.due = EngineStopped
        elif idle and asked.task.done():
            assert self.lone, "only a lone request may be predicted in the loop"
            assert self.engine.requests_of(calls) == [number]
        elif idle:
            self.model.running = [asked]
            assert self.engine.requests_of(calls) == [number], "an idle engine must get it at once"
        elif self.model.has_room(asked.size):
            self.model.line.append(asked)
        else:
            asked.due = Overloaded

    @precondition(lambda self: self.engine.inside)
    @rule()
    def a_call_ends(self) -> None:
        calls = len(self.engine.calls)
        self.engine.release()
        self.settle()
        again = self.engine.requests_of(calls) if len(self.engine.calls) > calls else []
        batch = [asked.number for asked in self.model.running]
        if again and set(again) <= set(batch):
            assert any(any(asked.kinds) for asked in self.model.running), "no row of these was bad"
            return
        self.model.next_batch()
        assert again == [asked.number for asked in self.model.running]

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def is_cancelled(self, data: st.DataObject) -> None:
        asked = data.draw(st.sampled_from(self.waiting), "cancelled")
        asked.task.cancel()
        asked.due = asyncio.CancelledError
        self.model.line = [other for other in self.model.line if other is not asked]
        self.settle()

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def its_client_leaves(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.waiting), "left").left[0] = True

    @rule(seconds=st.integers(1, 15))
    def time_passes(self, seconds: int) -> None:
        self.loop.now += seconds
        for asked in self.waiting:
            if asked.deadline <= self.loop.now:
                asked.due = DeadlinePassed
        self.model.line = [asked for asked in self.model.line if asked.due is None]
        self.settle()

    @rule(lone=st.booleans(), seconds=st.sampled_from([0.0001, 0.5]))
    def the_load_changes(self, lone: bool, seconds: float) -> None:
        self.lone, self.engine.call_seconds = lone, seconds

    @precondition(lambda self: not self.closed and len(self.all) > 4)
    @rule(sure=st.integers(0, 5))
    def is_closed(self, sure: int) -> None:
        if sure:
            return
        self.batcher.close()
        self.closed = True
        for asked in self.model.line:
            asked.due = EngineStopped
        self.model.line = []
        self.settle()

    @invariant()
    def everyone_has_what_is_due_and_waits_only_if_the_model_says_so(self) -> None:
        waiting = [asked for asked in self.model.running if asked.due is None] + self.model.line
        for asked in self.all:
            assert asked.task.done() != (asked in waiting), asked
            if asked.task.done():
                _check(asked)
        assert not self.loop.complaints

    @invariant()
    def a_call_holds_whole_requests_in_order_and_is_bounded(self) -> None:
        for index, call in enumerate(self.engine.calls):
            requests = self.engine.requests_of(index)
            assert requests == sorted(requests)
            assert call == [(number, row) for number in requests for row in range(self.all[number].size)]
            assert len(requests) == 1 or len(call) <= LIMITS.max_batch_rows

    def teardown(self) -> None:
        try:
            while self.engine.inside:
                self.a_call_ends()
            assert not self.batcher.busy
            self.everyone_has_what_is_due_and_waits_only_if_the_model_says_so()
            assert all(asked.task.done() for asked in self.all), "somebody waits for ever"
            self.all.clear()
            self.model = Model()
            # The thread lets go of the last batch a moment after it told the loop.
            self.loop.until(self.nothing_is_kept)
        finally:
            self.end()

    def nothing_is_kept(self) -> bool:
        gc.collect()
        return all(kept() is None for kept in self.kept)

    def end(self) -> None:
        """Let the thread end, also after a failure: it must not be in the way of the next example."""
        self.engine.open()
        self.batcher.close()
        for thread in engine_threads():
            thread.join(GUARD_SECONDS)
        assert not engine_threads()
        self.loop.close()


def _check(asked: Asked) -> None:
    """It ended as it deserves: with its own rows' answer or with exactly the error that is its own."""
    if asked.task.cancelled():
        assert asked.due is asyncio.CancelledError
        return
    error = asked.task.exception()
    if asked.due is not None:
        assert type(error) is asked.due
        if isinstance(error, Overloaded):
            assert error.retry_after_seconds > 0
    elif Kind.RAISES in asked.kinds:
        assert isinstance(error, Boom)
        assert error.requests == [asked.number]
    elif any(asked.kinds):
        assert type(error) is BadAnswer
    else:
        expected = good_answer(rows_of(asked.number, asked.kinds))
        np.testing.assert_array_equal(asked.task.result(), expected)


TestInterleavings = Interleaving.TestCase
TestInterleavings.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
