"""Signals as events: noted when they arrive, acted upon when the process is ready to.

The first process of a container has no default action for SIGTERM: without a handler the kernel drops it.
So the handlers are there from the first moment on, and what arrives during loading is found afterwards.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from contextlib import contextmanager, suppress
from types import FrameType

STOPPING = (signal.SIGTERM, signal.SIGINT)
HANDLED = (*STOPPING, signal.SIGCHLD)


class SignalInbox:
    """Counts the requests to stop, and makes :attr:`descriptor` readable at every signal."""

    def __init__(self) -> None:
        #: how often this process was asked to stop
        self.stops = 0
        self.descriptor, self._writing = os.pipe()
        os.set_blocking(self.descriptor, False)
        os.set_blocking(self._writing, False)
        for number in HANDLED:
            signal.signal(number, self._note)
        # written to by the interpreter's own handler: a signal between a look and a wait still wakes the wait
        signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)

    def empty(self) -> None:
        """Forget the wake-ups; :attr:`stops` stays."""
        with suppress(BlockingIOError):
            while os.read(self.descriptor, 4096):
                pass

    def leave(self) -> None:
        """Let go of the signals: in a forked child they are its own, and so must its wake-ups be."""
        signal.set_wakeup_fd(-1)
        for number in HANDLED:
            signal.signal(number, signal.SIG_DFL)
        os.close(self.descriptor)
        os.close(self._writing)

    def _note(self, number: int, frame: FrameType | None) -> None:
        del frame
        if number in STOPPING:
            self.stops += 1


@contextmanager
def held_back() -> Generator[None]:
    """Keep the handled signals waiting, so that a fork is never seen half done by a handler."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
