"""How long a client itself is ready to wait, which can only shorten what the server allows."""

from __future__ import annotations

from serving.errors import BadRequest
from serving.wire.quoted import quoted

TIMEOUT_HEADER = "X-Request-Timeout-Seconds"


def deadline_seconds(wish: str | None, limit_seconds: float) -> float:
    """The lesser of the server's limit and the client's wish, the header's value.

    Raises:
        BadRequest: when the wish is no number of seconds.
    """
    if wish is None:
        return limit_seconds
    try:
        seconds = float(wish)
    except ValueError:
        seconds = 0.0
    # false for NaN as well
    if seconds > 0:
        return min(limit_seconds, seconds)
    raise BadRequest(f"{TIMEOUT_HEADER} is {quoted(wish)}: it must be a number of seconds above 0.")
