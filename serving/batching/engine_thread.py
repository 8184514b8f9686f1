"""The one thread that calls the engine, so that a long call never keeps the event loop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, TypeVar

Item = TypeVar("Item")

NAME = "engine"


class EngineThread(Generic[Item]):
    """Does ``work`` on what it is given, in order; says so when it dies, so that nobody waits for it.

    It is a daemon: a process that stops does not wait for a call that may take for ever.
    """

    def __init__(self, work: Callable[[Item], None], died: Callable[[BaseException], None]) -> None:
        self._work = work
        self._died = died
        self._items: SimpleQueue[Item | None] = SimpleQueue()
        threading.Thread(target=self._run, name=NAME, daemon=True).start()

    def give(self, item: Item) -> None:
        """Have ``item`` worked on after all that was given before."""
        self._items.put(item)

    def end(self) -> None:
        """Let the thread end after what it was given."""
        self._items.put(None)

    def _run(self) -> None:
        try:
            while (item := self._items.get()) is not None:
                self._work(item)
                # An idle thread keeps nobody's rows.
                del item
        except BaseException as error:  # noqa: BLE001 - whatever ends the thread must be told to those who wait
            self._died(error)
