"""Several machines at a time, and an interruption that lets what runs come to its end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType
from typing import Generic, TypeVar

from infra.proxmox.api.patience import LOCKS, Patience
from infra.proxmox.apply.machine import Stopped

T = TypeVar("T")
_LOOK_SECONDS = 0.2


class Stop:
    """Whether somebody asked to stop; those who work look at it between their steps."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def ask(self) -> None:
        """Ask everybody to stop after what they are doing."""
        self._event.set()

    @property
    def asked(self) -> bool:
        """Whether it was asked."""
        return self._event.is_set()

    @contextmanager
    def listening(self) -> Generator[None]:
        """Take an interruption (Ctrl-C) for the question to stop; a second one is raised as usual."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def interrupted(_number: int, _frame: FrameType | None) -> None:
            if self.asked:
                raise KeyboardInterrupt
            self.ask()

        before = signal.signal(signal.SIGINT, interrupted)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    @property
    def locks(self) -> Patience:
        """How long locks are waited for: what was not begun yet ends soon when it was asked to stop."""
        return replace(LOCKS, check=self.check)

    def check(self) -> None:
        """Raise ``Stopped`` when it was asked."""
        if self.asked:
            raise Stopped


class _Worker(threading.Thread, Generic[T]):
    """Runs one piece of work; it does not keep the process from ending."""

    def __init__(self, work: Callable[[], T]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self.result: T | None = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self._work()
        except BaseException as error:  # noqa: BLE001 - it is raised again where the work was asked for
            self.error = error


def together(works: Sequence[Callable[[], T]], stop: Stop, say: Callable[[str], None]) -> Sequence[T]:
    """Do all of ``works`` at a time; what came of them, in their order. ``say`` tells of a stop."""
    workers = [_Worker(work) for work in works]
    for worker in workers:
        worker.start()
    told = stop.asked
    while any(worker.is_alive() for worker in workers):
        for worker in workers:
            worker.join(_LOOK_SECONDS / len(workers))
        if stop.asked and not told:
            told = True
            say("stops when what runs has ended; Ctrl-C again leaves at once, and Proxmox goes on by itself")
    results: list[T] = []
    for worker in workers:
        if worker.error is not None:
            raise worker.error
        results.append(worker.result)  # pyright: ignore[reportArgumentType] - without an error there is one
    return results
