"""Whether a request has company: what decides where it is predicted.

Counted are requests that have arrived completely, when their last byte is read and not when their task runs:
of the requests that arrive in one turn of the event loop, the first to run must know of the others. A client
that drips its body, and one that waits for an explanation, need nothing from the engine and are no company.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass


def _nobody() -> int:
    return 0


@dataclass(slots=True)
class InFlight:
    """The requests that this worker is answering right now; made before the server is, which knows them."""

    #: how many requests are whole and not answered; the server sets it
    whole: Callable[[], int] = _nobody
    #: how many of them are being explained
    explained: int = 0

    def alone(self) -> bool:
        """Whether the request that asks is the only one: nobody waits while it computes."""
        return self.whole() - self.explained <= 1

    @contextmanager
    def explaining(self) -> Generator[None]:
        """Leave out a request while another process is at it."""
        self.explained += 1
        try:
            yield
        finally:
            self.explained -= 1
