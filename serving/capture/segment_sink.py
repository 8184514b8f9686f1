"""The sink of files: segments that are closed by size and age, and a bound on all of them together."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
import zlib
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from serving.capture.segments import OPEN_SUFFIX, SUFFIX, segments, whole_bytes

#: fast rather than small: a fifth of the size at the cost of a few milliseconds a megabyte
COMPRESSION_LEVEL = 1

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is kept, and how soon readers see it."""

    total_bytes: int
    #: a segment is closed when it is this old
    age_seconds: float = 60.0

    @property
    def segment_bytes(self) -> int:
        """A segment is closed when it is this large: small beside the whole, which shrinks by segments."""
        return min(8 * 1024 * 1024, max(1, self.total_bytes // 16))


@dataclass(slots=True)
class _Segment:
    """A segment that is being written."""

    path: Path
    descriptor: int
    opened: float
    size_bytes: int = 0
    rows: int = 0


class SegmentSink:
    """Writes one worker's segments into a directory that several workers share."""

    def __init__(self, directory: Path, bounds: Bounds) -> None:
        self.lost_rows = 0
        self._directory = directory
        self._bounds = bounds
        self._segment: _Segment | None = None
        self._number = 0
        self._recovered = False

    def write(self, lines: bytes, rows: int) -> None:
        """Append the lines as one gzip member.

        Raises:
            OSError: when the disk is full or the directory can't be written; nothing was added then.
        """
        content = zlib.compress(lines, COMPRESSION_LEVEL, wbits=zlib.MAX_WBITS | 16)
        # Before these lines rather than behind them: a segment that can't be closed must not refuse lines
        # that it holds.
        if self._segment is not None and self._segment.size_bytes >= self._bounds.segment_bytes:
            self.close()
        segment = self._segment = self._segment or self._open()
        try:
            _write_whole(segment.descriptor, content)
        except OSError:
            # Half of a member would hide what follows it. What is whole is kept; the next try starts anew.
            try:
                os.ftruncate(segment.descriptor, segment.size_bytes)
            finally:
                self.close()
            raise
        segment.size_bytes += len(content)
        segment.rows += rows

    def settle(self) -> None:
        """Close the segment when it is old enough; take over what killed workers left."""
        if not self._recovered:
            self._recover()
            self._recovered = True
        segment = self._segment
        if segment is not None and time.monotonic() - segment.opened >= self._bounds.age_seconds:
            self.close()

    def close(self) -> None:
        """Give the segment its name and make room for the next."""
        segment, self._segment = self._segment, None
        if segment is None:
            return
        try:
            _publish(segment.path, segment.rows)
        except FileNotFoundError:
            # Somebody removed the directory or the file under our hands.
            self.lost_rows += segment.rows
        except OSError:
            # Whole but without its name, as if its worker were gone.
            self._recovered = False
            raise
        finally:
            os.close(segment.descriptor)
        self._make_room()

    def _open(self) -> _Segment:
        self._directory.mkdir(parents=True, exist_ok=True)
        segment = self._try_open()
        # A worker that just started may have taken the new file for a leftover before it was locked.
        while not segment.path.exists():
            os.close(segment.descriptor)
            segment = self._try_open()
        return segment

    def _try_open(self) -> _Segment:
        self._number += 1
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        path = self._directory / f"{now}-{os.getpid()}-{self._number}{SUFFIX}{OPEN_SUFFIX}"
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o640)
        # Tells other workers that this one lives, also across containers, where process ids say nothing.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return _Segment(path, descriptor, time.monotonic())

    def _recover(self) -> None:
        """Publish what is whole in the segments of workers that are gone."""
        for path in sorted(self._directory.glob(f"*{SUFFIX}{OPEN_SUFFIX}")):
            with contextlib.suppress(FileNotFoundError), _if_abandoned(path) as descriptor:
                if descriptor is None:
                    continue
                with os.fdopen(os.dup(descriptor), "rb") as stream:
                    size = whole_bytes(stream)
                os.ftruncate(descriptor, size)
                _publish(path, size)
                log.info("captured_segment_recovered", path=str(path), size_bytes=size)
        self._make_room()

    def _make_room(self) -> None:
        """Remove the oldest segments until all together, with those being written, fit the bound."""
        whole = segments(self._directory)
        being_written = list(self._directory.glob(f"*{OPEN_SUFFIX}"))
        total = sum(_size(path) for path in (*whole, *being_written))
        for path in whole:
            if total <= self._bounds.total_bytes:
                return
            total -= _size(path)
            path.unlink(missing_ok=True)


def _publish(path: Path, content: int) -> None:
    """Take the suffix of an open segment away; one without content is removed."""
    if content:
        path.rename(path.with_name(path.name.removesuffix(OPEN_SUFFIX)))
    else:
        path.unlink()


@contextlib.contextmanager
def _if_abandoned(path: Path) -> Generator[int | None]:
    """The file's descriptor, locked, if no living worker writes it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        # Its worker may have finished it between our looking and our locking.
        yield descriptor if path.exists() else None
    finally:
        os.close(descriptor)


def _write_whole(descriptor: int, content: bytes) -> None:
    """Write all of it: at a limit the system takes a part first and fails at the rest."""
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
