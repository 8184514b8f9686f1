"""What triage looks after by itself, again and again, in one thread beside the worker's."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from homeostat.errors import HomeostatError

_log = structlog.stdlib.get_logger()


@dataclass(frozen=True, slots=True)
class Round:
    """One thing to look after; doing it again changes nothing."""

    name: str
    every_seconds: float
    do: Callable[[], object]


class Rounds:
    """Does each of ``rounds`` when it is due; one that fails is tried again at its next turn."""

    def __init__(self, rounds: Sequence[Round], poll_seconds: float = 1.0) -> None:
        self._due = {one: time.monotonic() for one in rounds}
        self._poll_seconds = poll_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="triage-rounds", daemon=True)

    def start(self) -> None:
        """Look from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join(5.0)

    def _run(self) -> None:
        while not self._stop.wait(self._poll_seconds):
            for one, due in self._due.items():
                if time.monotonic() >= due:
                    self._due[one] = time.monotonic() + one.every_seconds
                    _done(one)


def _done(one: Round) -> None:
    try:
        one.do()
    except (SQLAlchemyError, HomeostatError, OSError) as error:
        # the next turn tries again; /healthz and the metrics tell of the database
        _log.error("round_failed", round=one.name, error=type(error).__name__)
