"""Wait for a condition, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(
    condition: Callable[[], bool],
    deadline_seconds: float,
    late: Callable[[], str],
    poll_seconds: float = 0.05,
) -> None:
    """Return as soon as ``condition`` holds.

    Raises:
        TimeoutError: with the sentence of ``late``, when it does not within ``deadline_seconds``.
    """
    deadline = time.monotonic() + deadline_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(late())
        time.sleep(poll_seconds)
