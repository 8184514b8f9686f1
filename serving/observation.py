"""One request as it is measured: its phases, and what is said about it afterwards."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum


class ProtocolName(StrEnum):
    """The inference protocols."""

    V1 = "v1"
    V2 = "v2"


class Phase(StrEnum):
    """The parts of answering a request."""

    #: from the body's bytes to checked rows
    DECODE = "decode"
    #: the engine, and the time spent waiting for it
    PREDICT = "predict"
    #: from probabilities to the body of the response
    ENCODE = "encode"


@dataclass(slots=True)
class Observation:
    """The clock of one request; it starts when the body has arrived, so slow clients don't count.

    Phases follow each other without a gap: a request is in one of them, or in none before its first and
    after :meth:`end`.
    """

    protocol: ProtocolName
    #: of the caller's trace, where it has one
    trace_id: str | None = None
    #: the client's own name for the request
    request_id: str | None = None
    #: None when they were never known
    rows: int | None = None
    began: float = field(default_factory=time.perf_counter)
    phases: dict[Phase, float] = field(default_factory=dict[Phase, float])
    _phase: Phase | None = None
    _since: float = 0.0

    def begin(self, phase: Phase) -> None:
        """End the phase that the request is in, if any, and enter another."""
        self.end()
        self._phase = phase

    def end(self) -> None:
        """Add the seconds since the phase began to it; nothing happens outside of a phase."""
        now = time.perf_counter()
        if self._phase is not None:
            self.phases[self._phase] = self.phases.get(self._phase, 0.0) + now - self._since
            self._phase = None
        self._since = now

    def duration_seconds(self) -> float:
        """Seconds since the request began."""
        return time.perf_counter() - self.began
