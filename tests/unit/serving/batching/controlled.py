"""Time and an engine that go on only when a test says so, and rows that say what should become of them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

import numpy as np

from serving.engines.engine import Probabilities, Rows

GUARD_SECONDS = 30


class Kind(IntEnum):
    """What a row does to the engine."""

    GOOD = 0
    RAISES = 1
    PANICS = 2
    NOT_FINITE = 3
    WRONG_SHAPE = 4


class Boom(Exception):  # noqa: N818 - a test's own
    """What rows raise, with the requests whose rows they were."""

    def __init__(self, requests: list[int]) -> None:
        self.requests = requests
        super().__init__(f"rows of {requests}")


def rows_of(request: int, kinds: Sequence[Kind]) -> Rows:
    return np.array([[request, index, kind] for index, kind in enumerate(kinds)], dtype=np.float64)


def good_answer(rows: Rows) -> Probabilities:
    return rows[:, :2].copy()


def respond(rows: Rows) -> Probabilities:
    kinds = rows[:, 2]
    for kind, error in ((Kind.RAISES, Boom), (Kind.PANICS, SystemExit)):
        if (kinds == kind).any():
            raise error(sorted({int(request) for request in rows[kinds == kind, 0]}))
    answer = good_answer(rows)
    answer[kinds == Kind.NOT_FINITE, 1] = np.nan
    return answer[:-1] if (kinds == Kind.WRONG_SHAPE).any() else answer


class ManualLoop(asyncio.SelectorEventLoop):
    """A real event loop whose time stands still until it is set."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.complaints: list[object] = []
        #: set when a thread has said something to the loop, which it has not heard before it turns
        self.told = threading.Event()
        super().__init__()
        self.set_exception_handler(lambda _, context: self.complaints.append(context))

    def time(self) -> float:
        return self.now

    def call_soon_threadsafe(self, *args: Any, **given: Any) -> asyncio.Handle:
        handle = super().call_soon_threadsafe(*args, **given)
        self.told.set()
        return handle

    def until(self, condition: Callable[[], bool]) -> None:
        """Turn until ``condition`` holds, and then as often as what it caused needs."""
        self.run_until_complete(turn_until(condition))


async def turn_until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + GUARD_SECONDS
    while not condition():
        assert time.monotonic() < give_up, "what was waited for never came"
        await asyncio.sleep(0)
    for _ in range(5):
        await asyncio.sleep(0)


class GatedEngine:
    """Every call from another thread waits until it is released; one in the loop can't, and does not."""

    def __init__(self) -> None:
        #: the first two columns of each call's rows: request and row
        self.calls: list[list[tuple[int, int]]] = []
        self.inside = False
        self.clock = 0.0
        self.call_seconds = 0.0001
        self._gate = threading.Semaphore(0)

    def probabilities(self, rows: Rows) -> Probabilities:
        self.calls.append([(int(request), int(index)) for request, index in rows[:, :2]])
        if threading.current_thread() is not threading.main_thread():
            self.inside = True
            assert self._gate.acquire(timeout=GUARD_SECONDS), "the test never released this call"
        self.clock += self.call_seconds
        return respond(rows)

    def release(self) -> None:
        self.inside = False
        self._gate.release()

    def open(self) -> None:
        """Let every call go on from now on."""
        self.inside = False
        self._gate.release(100_000)

    def requests_of(self, call: int) -> list[int]:
        """The requests in one call, each once, in order."""
        return list(dict.fromkeys(request for request, _ in self.calls[call]))


class Observed:
    """What the batcher said of its batches."""

    def __init__(self) -> None:
        self.batches: list[tuple[int, int, float]] = []

    def batched(self, requests: int, rows: int, waited_seconds: float) -> None:
        self.batches.append((requests, rows, waited_seconds))


#: threads of batchers that other tests of this process left open
STRANGERS: set[threading.Thread] = set()


def engine_threads() -> list[threading.Thread]:
    """The threads of this test's batchers."""
    found = [thread for thread in threading.enumerate() if thread.name == "engine"]
    return [thread for thread in found if thread not in STRANGERS]
