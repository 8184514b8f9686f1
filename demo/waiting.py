"""Awaiting a condition with a deadline, telling the reader what is awaited."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from homeostat.errors import HomeostatError
from homeostat.progress import Step

T = TypeVar("T")


class TooLate(HomeostatError):  # noqa: N818 - it tells what happened, as the story does
    """The awaited thing did not happen in time."""


def await_condition(
    step: Step,
    what: str,
    probe: Callable[[], T | None],
    *,
    timeout_seconds: float,
    every_seconds: float = 0.25,
) -> T:
    """Probe until the answer is not None and return it.

    Raises:
        TooLate: after ``timeout_seconds``, naming ``what`` was awaited.
    """
    deadline = time.monotonic() + timeout_seconds
    step.doing(what)
    while time.monotonic() < deadline:
        answer = probe()
        if answer is not None:
            return answer
        time.sleep(every_seconds)
    raise TooLate(
        f"{what}: not within {timeout_seconds:.0f} s; 'homeostat process status' and the logs say more."
    )
