"""How long a request's client waits, and whether it still does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """What bounds the time that an answer may take."""

    #: the event loop's time from which on the answer is worth nothing any more
    deadline: float
    #: whether the client is gone; asked only when its rows had to wait, in the event loop, and never raises
    left: Callable[[], bool]
