"""One request as it is measured: its phases, and what is said about it afterwards."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
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
    """The clock of one request; it starts when the body has arrived, so slow clients don't count."""

    protocol: ProtocolName
    began: float = field(default_factory=time.perf_counter)
    phases: dict[Phase, float] = field(default_factory=dict[Phase, float])

    @contextmanager
    def phase(self, phase: Phase) -> Generator[None]:
        """Add the block's seconds to ``phase``."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.phases[phase] = self.phases.get(phase, 0.0) + time.perf_counter() - began

    def duration_seconds(self) -> float:
        """Seconds since the request began."""
        return time.perf_counter() - self.began
