"""Segments: gzip files of JSON lines, each under ``<time>-<pid>-<number>.jsonl.gz`` once it is whole.

While a worker writes one, it is called ``....open`` and locked. It is a row of gzip members, each of them a
number of whole lines, so what a killed worker leaves is whole up to its last member.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import structlog

from serving.capture.lines import Captured, parse_line

SUFFIX = ".jsonl.gz"
#: of a segment that is being written, behind its other suffixes
OPEN_SUFFIX = ".open"
#: small, since what a read holds of the next member is copied
READ_BYTES = 64 * 1024

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def read_captured(directory: Path) -> Iterator[Captured]:
    """Every captured row in the directory's whole segments, the oldest segment first.

    Segments of several workers overlap in time, and one that is removed meanwhile is left out. Lines behind a
    damage are left out as well, which is logged.
    """
    for path in segments(directory):
        try:
            with path.open("rb") as stream:
                whole = 0
                for content, end in whole_members(stream):
                    yield from map(parse_line, content.splitlines())
                    whole = end
                if whole < os.fstat(stream.fileno()).st_size:
                    log.warning("captured_segment_damaged", path=str(path))
        except FileNotFoundError:
            continue
        except ValueError as error:
            log.warning("captured_segment_damaged", path=str(path), error=str(error))


def segments(directory: Path) -> list[Path]:
    """The whole segments in the directory, the oldest first; none when there is no such directory."""
    return sorted(path for path in directory.glob(f"*{SUFFIX}") if path.is_file())


def whole_bytes(stream: BinaryIO) -> int:
    """Up to where the segment is whole."""
    return max((end for _, end in whole_members(stream)), default=0)


def whole_members(stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """The content of each whole gzip member and where it ends; ends silently at the first damage."""
    inflater, content, end, consumed = _inflater(), bytearray(), 0, 0
    while chunk := stream.read(READ_BYTES):
        while chunk:
            try:
                content += inflater.decompress(chunk)
            except zlib.error:
                return
            consumed += len(chunk) - len(inflater.unused_data)
            chunk = inflater.unused_data
            if inflater.eof:
                end = consumed
                yield bytes(content), end
                inflater, content = _inflater(), bytearray()


def _inflater() -> zlib._Decompress:  # pyright: ignore[reportPrivateUsage] - the only name of this type
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
