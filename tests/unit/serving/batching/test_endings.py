"""The end of the batcher, of its thread and of its loop: nobody waits for what will not come."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from typing import Any

import numpy as np
import pytest

from serving.batching.batcher import Batcher
from serving.batching.engine_thread import EngineThread
from serving.batching.limits import Limits
from serving.batching.patience import Patience
from serving.engines.engine import Probabilities, Rows
from serving.errors import EngineStopped
from tests.unit.serving.batching.controlled import (
    GatedEngine,
    Kind,
    Observed,
    engine_threads,
    rows_of,
    turn_until,
)


def test_closing_fails_those_in_line_and_answers_those_with_the_engine(stage: Any):
    running, waiting = stage.ask(), stage.ask()
    stage.batcher.close()
    stage.settle()
    assert type(waiting.exception()) is EngineStopped
    assert "stopping" in str(waiting.exception())
    stage.release()
    assert running.result().tolist() == [[0, 0]]


def test_a_closed_batcher_takes_no_more_requests_and_may_be_closed_again(stage: Any):
    stage.batcher.close()
    stage.batcher.close()
    assert type(stage.ask().exception()) is EngineStopped
    assert not engine_threads(), "a batcher that never had a request has no thread"


def test_closing_an_idle_batcher_ends_its_thread(stage: Any):
    stage.measure()
    (thread,) = engine_threads()
    assert thread.daemon
    stage.batcher.close()
    thread.join(30)
    assert not thread.is_alive()


class Interrupted(GatedEngine):
    """Ends the thread that calls it, the first time."""

    def probabilities(self, rows: Rows) -> Probabilities:
        answer = super().probabilities(rows)
        if len(self.calls) == 1:
            raise KeyboardInterrupt
        return answer


def test_a_thread_that_dies_fails_its_batch_and_another_takes_over(stage: Any):
    stage.engine = Interrupted()
    stage.batcher = Batcher(stage.engine, Limits(), lambda: False, Observed())
    lost, waiting = stage.ask(), stage.ask()
    stage.release()
    assert type(lost.exception()) is EngineStopped
    assert "KeyboardInterrupt" in str(lost.exception())
    stage.release()
    assert waiting.result().tolist() == [[1, 0]]


def test_a_thread_that_dies_while_closing_leaves_nobody_waiting(stage: Any):
    stage.engine = Interrupted()
    stage.batcher = Batcher(stage.engine, Limits(), lambda: False, Observed())
    lost, waiting = stage.ask(), stage.ask()
    stage.batcher.close()
    stage.release()
    assert {type(lost.exception()), type(waiting.exception())} == {EngineStopped}


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, ValueError])
def test_whatever_ends_the_thread_is_told(error: type[BaseException]):
    told: list[BaseException] = []

    def work(item: int) -> None:
        raise error(item)

    thread = EngineThread(work, told.append)
    started = engine_threads()
    thread.give(3)
    for each in started:
        each.join(30)
    assert [type(each) for each in told] == [error]


def test_a_loop_that_closes_during_a_call_ends_the_thread_without_a_word(recwarn: Any):
    engine = GatedEngine()
    loop = asyncio.new_event_loop()
    batcher = Batcher(engine, Limits(), lambda: False, Observed())

    async def ask() -> None:
        patience = Patience(loop.time() + 30, lambda: False)
        task = loop.create_task(batcher.probabilities(np.zeros((1, 3)), patience))
        await turn_until(lambda: engine.inside)
        task.cancel()
        await asyncio.wait([task])

    loop.run_until_complete(ask())
    loop.close()
    batcher.close()
    complaints: list[Any] = []
    before, threading.excepthook = threading.excepthook, complaints.append
    try:
        (thread,) = engine_threads()
        engine.release()
        thread.join(30)
    finally:
        threading.excepthook = before
    assert not thread.is_alive()
    assert not complaints


@pytest.mark.parametrize("lone", [False, True])
@pytest.mark.parametrize("kind", Kind)
def test_rows_go_with_their_answer_or_error_without_the_garbage_collector(stage: Any, kind: Kind, lone: bool):
    stage.measure()
    stage.lone = lone
    gc.collect()
    gc.disable()
    try:
        kept = _asked_and_forgotten(stage, kind)
        stage.loop.until(lambda: kept() is None)
    finally:
        gc.enable()


def _asked_and_forgotten(stage: Any, kind: Kind) -> weakref.ref[Any]:
    rows = rows_of(1, [kind])
    patience = Patience(stage.loop.now + 30, lambda: False)
    task = stage.loop.create_task(stage.batcher.probabilities(rows, patience))
    stage.loop.run_until_complete(asyncio.sleep(0))
    if stage.batcher.busy:
        stage.settle()
        stage.release()
    assert (task.exception() is None) == (kind is Kind.GOOD)
    return weakref.ref(rows)
