"""Keeps a lease while its job is worked on, however long that takes within reason."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from triage.errors import LeaseLost
from triage.queue.job import Job

_log = structlog.stdlib.get_logger()


class Renewable(Protocol):
    """A queue as far as this file needs it."""

    def renew(self, job: Job) -> None:
        """Hold ``job`` for another lease; raises LeaseLost when somebody else has it."""
        ...


@contextmanager
def renewed(queue: Renewable, job: Job, every: timedelta, longest: timedelta) -> Generator[None]:
    """Renew the lease of ``job`` until the block ends, but not for longer than ``longest``: it may hang."""
    done = threading.Event()
    times = max(1, round(longest / every))

    def renew() -> None:
        for _ in range(times):
            if done.wait(every.total_seconds()):
                return
            try:
                queue.renew(job)
            except LeaseLost as error:
                _log.warning("lease_lost", error=str(error))
                return
            except SQLAlchemyError as error:
                # the lease outlives some failures; the next turn tries again
                _log.warning("lease_not_renewed", error=type(error).__name__)

    thread = threading.Thread(target=renew, name="triage-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(5.0)
