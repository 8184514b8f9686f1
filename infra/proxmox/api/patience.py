"""How long, and how often, something is tried again."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from infra.proxmox.api.clock import Clock


def _go_on() -> None:
    """Nobody asked to stop."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Pauses that grow from ``first_seconds`` to ``longest_seconds``, until ``deadline_seconds`` are over."""

    deadline_seconds: float
    first_seconds: float = 0.2
    longest_seconds: float = 5.0
    growth: float = 2.0
    #: looked at before each further attempt; what it raises ends them
    check: Callable[[], None] = field(default=_go_on, repr=False, compare=False)

    def pauses(self) -> Iterator[float]:
        """Seconds to wait: a random part, half to whole, of a pause that grows.

        So those that failed together don't come back together.
        """
        pause = self.first_seconds
        while True:
            yield pause * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
            pause = min(pause * self.growth, self.longest_seconds)

    def attempts(self, clock: Clock) -> Iterator[int]:
        """Number the attempts from 1, pausing between them; ends when another one would begin too late."""
        ends = clock.now() + self.deadline_seconds
        yield 1
        for number, pause in enumerate(self.pauses(), start=2):
            left = ends - clock.now()
            if left <= 0:
                return
            self.check()
            clock.wait(min(pause, left))
            self.check()
            yield number


#: for reads, and for the pauses between looking whether a write happened
READING = Patience(deadline_seconds=60.0)
#: for locks that others hold
LOCKS = Patience(deadline_seconds=600.0, first_seconds=0.25)
