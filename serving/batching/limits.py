"""What bounds the work that is taken on, so that too much of it is refused and not merely late."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one batcher.

    Raises:
        ValueError: when a bound would let nothing through.
    """

    #: of one call of the engine, but for a single request that is larger
    max_batch_rows: int = 1024
    #: that wait, but for a single request that is larger
    max_queued_rows: int = 8192
    #: that wait
    max_queued_requests: int = 1024
    #: a call that is expected to be shorter may keep the event loop, which costs less than a thread's hop
    max_direct_seconds: float = 0.001
    #: of what the thread was given; the engine that takes longer has hung, and will not answer any more
    max_call_seconds: float = 60.0

    @classmethod
    def of(cls, largest_request_rows: int, deadline_seconds: float) -> Self:
        """Bounds that let several requests of the largest size wait, and each take until its deadline."""
        usual = cls()
        return replace(
            usual,
            max_queued_rows=max(usual.max_queued_rows, 4 * largest_request_rows),
            max_call_seconds=max(usual.max_call_seconds, 2 * deadline_seconds),
        )

    def __post_init__(self) -> None:
        for name in ("max_batch_rows", "max_queued_rows", "max_queued_requests"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}: it must be at least 1.")
