"""A batcher on a loop whose time stands still, with an engine that waits for its release."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from serving.batching.batcher import Batcher
from serving.batching.limits import Limits
from serving.batching.patience import Patience
from tests.unit.serving.batching.controlled import (
    STRANGERS,
    GatedEngine,
    Kind,
    ManualLoop,
    Observed,
    engine_threads,
    rows_of,
)


class Stage:
    """What a test needs to put requests on and to let calls go on."""

    def __init__(self, limits: Limits) -> None:
        self.loop = ManualLoop()
        self.engine = GatedEngine()
        self.observed = Observed()
        self.hung: list[float] = []
        self.lone = False
        self.asked = 0
        self.batcher = Batcher(
            self.engine,
            limits,
            lambda: self.lone,
            self.observed,
            clock=lambda: self.engine.clock,
            hung=self.hung.append,
        )

    def ask(self, kinds: Sequence[Kind] = (Kind.GOOD,), seconds: float = 30.0) -> asyncio.Task[Any]:
        """A request that was made, and has gone as far as it can."""
        patience = Patience(self.loop.now + seconds, lambda: False)
        rows = rows_of(self.asked, kinds)
        self.asked += 1
        task = self.loop.create_task(self.batcher.probabilities(rows, patience))
        self.settle()
        return task

    def settle(self) -> None:
        self.loop.until(lambda: self.engine.inside or not self.batcher.busy)

    def release(self) -> None:
        self.engine.release()
        self.settle()

    def measure(self, rows: int = 1, seconds: float = 0.0001) -> None:
        """One call in the thread, so that the batcher knows how long it takes."""
        self.engine.call_seconds = seconds
        task = self.ask([Kind.GOOD] * rows)
        assert self.engine.inside
        self.release()
        task.result()

    def end(self) -> None:
        self.batcher.close()
        while self.engine.inside:
            self.release()
        for thread in engine_threads():
            thread.join(30)
        assert not engine_threads()
        self.loop.close()


@pytest.fixture(autouse=True)
def _strangers_do_not_count() -> None:
    STRANGERS.clear()
    STRANGERS.update(engine_threads())


@pytest.fixture
def limits() -> Limits:
    return Limits()


@pytest.fixture
def stage(limits: Limits) -> Iterator[Stage]:
    made = Stage(limits)
    yield made
    made.end()
