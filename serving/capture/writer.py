"""The thread that carries captured rows from the ring to the sink."""

from __future__ import annotations

import threading
import time
from typing import Protocol

import structlog

from serving.capture.lines import Lines
from serving.capture.ring import Ring
from serving.capture.sink import Sink

#: how often the ring is emptied; a wake-up by each request would cost the request more
POLL_SECONDS = 0.25
#: how long a failing sink is left alone at most
PATIENCE_SECONDS = 5.0
#: rows that are written at once
BATCH_ROWS = 256

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class CaptureObserver(Protocol):
    """Hears how many rows were kept and how many were not; always from the writer's thread."""

    def captured(self, rows: int) -> None:
        """Rows reached the sink."""
        ...

    def capture_dropped(self, rows: int) -> None:
        """Rows of the sample that nobody will read."""
        ...


class Writer:
    """Writes until it is closed; what a failing sink refuses is offered again while the ring overwrites."""

    def __init__(
        self,
        ring: Ring,
        sink: Sink,
        lines: Lines,
        observer: CaptureObserver,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._ring = ring
        self._sink = sink
        self._lines = lines
        self._observer = observer
        self._poll_seconds = poll_seconds
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._refused = (b"", 0)
        self._abandoned_rows = 0
        self._told_rows = 0

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self, limit_seconds: float) -> bool:
        """Write what is left; whether that was done within ``limit_seconds``."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join(limit_seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        wait_seconds = self._poll_seconds
        while not self._closing.wait(wait_seconds):
            works = self._carry()
            wait_seconds = self._poll_seconds if works else min(2 * wait_seconds, PATIENCE_SECONDS)
            self._tell_drops()
        self._carry()
        self._abandon()
        self._sink_close()
        self._tell_drops()

    def _carry(self) -> bool:
        """Empty the ring into the sink; whether the sink took everything."""
        try:
            while (batch := self._next_batch())[1]:
                self._refused = batch
                self._sink.write(*batch)
                self._refused = (b"", 0)
                self._observer.captured(batch[1])
            self._sink.settle()
        except OSError as error:
            log.warning("capture_failed", error=str(error))
            return False
        except Exception as error:  # noqa: BLE001 - see below
            # The edge of a thread: a batch that can't be written for another reason must not stop the next.
            # No traceback, whose variables would be a client's values.
            log.error("capture_failed", error=f"{type(error).__name__}: {error}")  # noqa: TRY400 - see above
            self._abandoned_rows += self._refused[1]
            self._refused = (b"", 0)
        return True

    def _next_batch(self) -> tuple[bytes, int]:
        """The lines that were refused last, or else new ones of the ring, and how many they are."""
        if self._refused[1]:
            return self._refused
        parts: list[bytes] = []
        rows = 0
        while rows < BATCH_ROWS and (exchange := self._ring.take()) is not None:
            # Counted as in hand before anything can fail.
            rows += len(exchange.rows)
            self._refused = (b"", rows)
            parts.append(self._lines.encode(exchange))
            # Gives up the interpreter's lock, so that the loop of the requests never waits for a whole batch.
            time.sleep(0)
        self._refused = (b"", 0)
        return b"".join(parts), rows

    def _abandon(self) -> None:
        """Count what did not reach the sink to the end."""
        self._abandoned_rows += self._refused[1]
        while (exchange := self._ring.take()) is not None:
            self._abandoned_rows += len(exchange.rows)

    def _sink_close(self) -> None:
        try:
            self._sink.close()
        except OSError as error:
            log.warning("capture_failed", error=str(error))

    def _tell_drops(self) -> None:
        dropped = self._ring.overwritten_rows + self._sink.lost_rows + self._abandoned_rows
        if dropped > self._told_rows:
            self._observer.capture_dropped(dropped - self._told_rows)
            self._told_rows = dropped
