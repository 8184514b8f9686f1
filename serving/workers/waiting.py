"""Connections that this worker waits for: which of them have waited too long, and which one makes room.

A client costs nothing while it is slow, except for its place. So a request's head has a time limit, an idle
connection is kept for a while, and when all places are taken the connection whose request has not arrived for
the longest time makes room for a new one. However many slow clients there are, one that sends its request at
once is answered. Connections whose request is being answered are not here, unless they
do not read: they are never given up.
"""

from __future__ import annotations

import math
from typing import Generic, TypeVar

from serving.workers.limits import Limits

#: whoever waits no longer than this may have sent its request already, which just was not read yet
PROMPT_SECONDS = 0.25

C = TypeVar("C")


class WaitingRoom(Generic[C]):
    """Connections without a whole request, the one that waits the longest first."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        #: since when and until when, in the order of the first
        self._waits: dict[C, tuple[float, float]] = {}

    def __len__(self) -> int:
        return len(self._waits)

    def expects_head(self, connection: C, now: float) -> None:
        """A request begins, or should."""
        self._waits.pop(connection, None)
        self._waits[connection] = (now, now + self._limits.head_seconds)

    def expects_body(self, connection: C, now: float) -> None:
        """The head is whole. Whoever reads the body bounds its time; here it keeps its place in the order."""
        since, _ = self._waits.get(connection, (now, 0.0))
        self._waits[connection] = (since, math.inf)

    def expects_reading(self, connection: C, now: float) -> None:
        """What was sent is not taken, and there is more to send, or nothing but the end."""
        self._waits.pop(connection, None)
        self._waits[connection] = (now, now + self._limits.unread_seconds)

    def idles(self, connection: C, now: float) -> None:
        """An answer is sent."""
        self._waits.pop(connection, None)
        self._waits[connection] = (now, now + self._limits.idle_seconds)

    def leaves(self, connection: C) -> None:
        """The request is whole, or the connection is lost."""
        self._waits.pop(connection, None)

    def overdue(self, now: float) -> list[C]:
        """The connections whose time is over; they stay here until they leave."""
        return [connection for connection, (_, until) in self._waits.items() if until <= now]

    def oldest(self, now: float) -> C | None:
        """Take out the connection that has waited the longest, to give its place away; None when none did."""
        for connection, (since, _) in self._waits.items():
            if now - since < PROMPT_SECONDS:
                return None
            del self._waits[connection]
            return connection
        return None
