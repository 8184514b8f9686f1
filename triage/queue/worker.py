"""The loop that works off the queue, one job at a time, in a thread of the same process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import structlog

from homeostat.redaction import redact
from triage.errors import LeaseLost
from triage.queue.jobs import JobQueue
from triage.queue.renewal import renewed

#: does the work of one job; safe to run again for the same incident
Handler = Callable[[str], None]

#: a job that takes longer hangs, and its lease may run out
_LONGEST_JOB = timedelta(minutes=15)

_log = structlog.stdlib.get_logger()


class Worker:
    """Runs ``handler`` for every job; :meth:`wake` tells it of new work, else it looks every poll."""

    def __init__(self, queue: JobQueue, handler: Handler, poll_seconds: float = 1.0) -> None:
        self._queue = queue
        self._handler = handler
        self._poll_seconds = poll_seconds
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="triage-worker", daemon=True)

    def start(self) -> None:
        """Take back what a crash left behind, then work."""
        resumed = self._queue.resume()
        if resumed:
            _log.warning("jobs_resumed", jobs=resumed)
        self._thread.start()

    def wake(self) -> None:
        """There may be work."""
        self._wake.set()

    def stop(self, timeout_seconds: float = 5.0) -> None:
        """Finish the job at hand if it is quick; an unfinished one is taken up at the next start."""
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout_seconds)

    @property
    def is_alive(self) -> bool:
        """Whether the loop still runs."""
        return self._thread.is_alive()

    def work_once(self) -> bool:
        """Do one due job; False when none was due."""
        job = self._queue.claim()
        if job is None:
            return False
        try:
            with renewed(self._queue, job, self._queue.lease / 3, _LONGEST_JOB):
                self._handler(job.incident_id)
        except Exception as error:  # noqa: BLE001 - the edge: one job's failure must not stop the others
            reason = redact(f"{type(error).__name__}: {error}")
            _log.exception("job_failed", incident=job.incident_id, attempt=job.attempt, error=reason)
            self._queue.fail(job, reason)
        else:
            self._queue.complete(job)
        return True

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                busy = self.work_once()
            except LeaseLost as error:
                _log.warning("lease_lost", error=str(error))
                busy = True
            except Exception:  # noqa: BLE001 - the edge: a locked or full disk passes, the loop must outlive it
                _log.exception("worker_trouble")
                busy = False
            if not busy:
                self._wake.wait(self._poll_seconds)
                self._wake.clear()
