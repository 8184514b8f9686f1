"""Which leases ran out, by no clock that anybody can set.

A lease is over when it was not renewed while a whole lease passed on the observer's own monotonic clock. So a
wall clock that jumps forward takes no job from a living worker, and one that jumps back keeps none from the
next. It costs a process that just started one lease of waiting before it takes what others left.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

#: seconds that only go forward
Ticks = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Lease:
    """One lease as it was last renewed: another renewal or attempt makes it another one."""

    job_id: int
    attempt: int
    beat: int


class LeaseWatch:
    """Remembers since when each lease looks as it does."""

    def __init__(self, lease_seconds: float, ticks: Ticks) -> None:
        self._lease_seconds = lease_seconds
        self._ticks = ticks
        self._since: dict[Lease, float] = {}

    def run_out(self, leases: Collection[Lease]) -> Collection[Lease]:
        """Those of ``leases``, which are all that there are, that nobody renewed for a whole lease."""
        now = self._ticks()
        self._since = {lease: self._since.get(lease, now) for lease in leases}
        return [lease for lease, since in self._since.items() if now - since >= self._lease_seconds]

    def granted(self, lease: Lease) -> None:
        """A lease begins now."""
        self._since[lease] = self._ticks()
