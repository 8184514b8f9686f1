"""How patient the supervisor is, in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """The supervisor's waits; the defaults suit two slow, shared cores."""

    #: from the start of a process until it must be ready
    start_seconds: float = 120.0
    #: between two looks at a running service and at the forge
    look_seconds: float = 1.0
    #: for one answer to a health check
    answer_seconds: float = 5.0
    #: that a service may fail its health checks before it is started anew
    sick_seconds: float = 60.0
    #: that a service without a port must live to count as ready
    settle_seconds: float = 1.0
    #: from the polite signal to the final one
    drain_seconds: float = 15.0
    #: before the first new start; doubled with each one that follows
    first_rest_seconds: float = 0.5
    #: at most between two starts
    longest_rest_seconds: float = 30.0
    #: of health after which earlier failures are forgotten
    forget_seconds: float = 60.0

    def rest_seconds(self, failures: int) -> float:
        """How long to wait after so many ``failures`` in a row.

        >>> [Pace().rest_seconds(failures) for failures in (1, 2, 3, 100)]
        [0.5, 1.0, 2.0, 30.0]
        """
        return min(self.longest_rest_seconds, self.first_rest_seconds * 2.0 ** min(failures - 1, 16))
