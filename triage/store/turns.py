"""Who writes next to a SQLite file: first come, first served.

SQLite has one write lock and no queue: who waits for it looks again after a pause, so a thread that writes
all the time would keep it from all others until they gave up.
"""

from __future__ import annotations

import threading
from collections import deque


class Turns:
    """A lock that threads get in the order in which they asked."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    def take(self, patience_seconds: float) -> bool:
        """Wait for the turn; False when it did not come in time."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            mine = threading.Event()
            self._waiting.append(mine)
        if mine.wait(patience_seconds):
            return True
        with self._guard:
            if mine.is_set():
                # it came in this very moment
                return True
            self._waiting.remove(mine)
            return False

    def give_back(self) -> None:
        """The next in line has the turn."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False
