"""Logging that never waits: a thread writes the lines, and gives up those that nobody takes in time.

Standard output is a pipe, and whoever reads it may be slow or stuck. A write would then block the event loop,
and with it every request, so lines wait in a bounded queue instead. When it is full they are dropped and
counted, those of less than a warning at half of it already; how many were dropped is said once there is room.

A worker starts this after it was forked, since threads don't survive that. The master, which forks and so
must not have any, writes what there is room for at that moment and leaves the rest.
"""

from __future__ import annotations

import json
import logging
import os
import select
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from queue import SimpleQueue

#: of a few hundred bytes each
MOST_LINES = 2000
#: for what is still unwritten when the process ends
LAST_SECONDS = 1.0


def write_in_background(on_dropped: Callable[[], None]) -> BackgroundHandler:
    """Let a thread write what this process logs; ``on_dropped`` counts each line that is given up."""
    root = logging.getLogger()
    sys.stdout.flush()
    background = BackgroundHandler(sys.stdout.fileno(), on_dropped)
    background.setFormatter(root.handlers[0].formatter if root.handlers else None)
    root.handlers = [background]
    return background


def write_what_fits() -> None:
    """Let this process write its lines itself, but none that would have to wait for a reader."""
    root = logging.getLogger()
    sys.stdout.flush()
    fitting = FittingHandler(sys.stdout.fileno())
    fitting.setFormatter(root.handlers[0].formatter if root.handlers else None)
    root.handlers = [fitting]


class FittingHandler(logging.Handler):
    """Writes records to a descriptor while it takes them, without a thread."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, or drop it."""
        try:
            line = _line(self, record)
            # a pipe that says so takes 4 KiB without waiting
            for first in range(0, len(line), select.PIPE_BUF):
                if not select.select([], [self._descriptor], [], 0)[1]:
                    return
                _write(self._descriptor, line[first : first + select.PIPE_BUF])
        except Exception:  # noqa: BLE001 - as every handler: a record that can't be written is told of
            self.handleError(record)


class BackgroundHandler(logging.Handler):
    """Writes records to a descriptor from a thread of its own."""

    def __init__(self, descriptor: int, on_dropped: Callable[[], None], most_lines: int = MOST_LINES) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._on_dropped = on_dropped
        self._most_lines = most_lines
        #: an event in the queue is set when all before it is written
        self._queue: SimpleQueue[bytes | threading.Event | None] = SimpleQueue()
        self._dropping = threading.Lock()
        self._untold = 0
        # A daemon, and no buffered stream: a write that never returns must not keep the process from its end.
        self._thread = threading.Thread(target=self._write_all, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record, or drop it."""
        room = self._most_lines if record.levelno >= logging.WARNING else self._most_lines // 2
        if self._queue.qsize() >= room:
            self._drop()
            return
        try:
            self._queue.put(_line(self, record))
        except Exception:  # noqa: BLE001 - as every handler: a record that can't be formatted is told of
            self.handleError(record)

    def flush(self) -> None:
        """Wait until all is written, but not for long."""
        if self._thread.is_alive():
            written = threading.Event()
            self._queue.put(written)
            written.wait(LAST_SECONDS)

    def close(self) -> None:
        """Write what can be written in time and end the thread."""
        self.flush()
        self._queue.put(None)
        super().close()

    def _drop(self) -> None:
        # The thread that writes drops as well, when a write fails.
        with self._dropping:
            self._untold += 1
            self._on_dropped()

    def _write_all(self) -> None:
        while (line := self._queue.get()) is not None:
            if isinstance(line, threading.Event):
                line.set()
                continue
            try:
                _write(self._descriptor, line)
                if self._untold and self._queue.empty():
                    _write(self._descriptor, self._confession())
            except OSError:
                self._drop()

    def _confession(self) -> bytes:
        """The line that tells of those that are missing; written past the queue, which needs no lock then."""
        with self._dropping:
            lines, self._untold = self._untold, 0
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        told = {"event": "log_lines_dropped", "level": "warning", "lines": lines, "time": now}
        return json.dumps(told).encode() + b"\n"


def _line(handler: logging.Handler, record: logging.LogRecord) -> bytes:
    return f"{handler.format(record)}\n".encode("utf-8", "backslashreplace")


def _write(descriptor: int, line: bytes) -> None:
    # One call for a line: a pipe keeps up to 4 KiB together, whichever other workers write to it.
    while line:
        try:
            line = line[os.write(descriptor, line) :]
        except BlockingIOError:
            # who shares the pipe may have set it so
            select.select([], [descriptor], [])
