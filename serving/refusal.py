"""What an error of an inference request is in HTTP."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from serving import errors
from serving.metrics.families import Refusal as Reason

#: nobody receives it; nginx's number for a client that closed its connection, which HTTP does not name
CLIENT_LEFT = 499
#: another server takes over within about that time
SUCCESSION_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Refused:
    """The status, and what a client should know beside the error's sentence."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    #: of a request that was right
    reason: Reason | None = None


def refusal_of(error: Exception) -> Refused | None:
    """What ``error`` is in HTTP; None for what is nobody's intention and therefore a 500."""
    match error:
        case errors.BadRequest():
            return Refused(error.status)
        case errors.Overloaded():
            # Whole seconds, as HTTP has it; a client that comes back too late loses less than one too early.
            seconds = max(1, math.ceil(error.retry_after_seconds))
            return Refused(503, {"retry-after": str(seconds)}, Reason.OVERLOADED)
        case errors.EngineStopped():
            return Refused(503, {"retry-after": str(SUCCESSION_SECONDS)})
        case errors.DeadlinePassed():
            return Refused(504, reason=Reason.DEADLINE)
        case errors.ClientLeft():
            return Refused(CLIENT_LEFT, reason=Reason.LEFT)
        case _:
            return None
