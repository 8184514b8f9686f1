"""What the worker and its explaining child say to each other: a letter, a length and as many bytes."""

from __future__ import annotations

import asyncio
import struct
from enum import IntEnum
from typing import BinaryIO

import numpy as np

from serving.engines.engine import Rows

HEADER = struct.Struct("!BI")


class Kind(IntEnum):
    """What a frame holds."""

    #: from the worker: rows
    ROWS = ord("r")
    #: from the child: nothing; it has loaded the model
    READY = ord("+")
    #: from the child: the sentence why it can't explain this model, ever
    UNABLE = ord("-")
    #: from the child: the JSON of the answer
    EXPLAINED = ord("e")
    #: from the child: the sentence why these rows have no explanation
    FAILED = ord("!")


def frame(kind: Kind, content: bytes = b"") -> bytes:
    """The bytes of a frame."""
    return HEADER.pack(kind, len(content)) + content


def pack_rows(rows: Rows) -> bytes:
    """Rows as bytes, with their number of columns first."""
    return struct.pack("!I", rows.shape[1]) + rows.astype("<f8").tobytes()


def unpack_rows(content: bytes) -> Rows:
    """The rows of :func:`pack_rows`."""
    (columns,) = struct.unpack_from("!I", content)
    return np.frombuffer(content, "<f8", offset=4).reshape(-1, columns).astype(np.float64)


def read_frame(stream: BinaryIO) -> tuple[Kind, bytes] | None:
    """The next frame, or None at the end of the stream."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    kind, length = HEADER.unpack(header)
    return Kind(kind), stream.read(length)


async def receive_frame(stream: asyncio.StreamReader) -> tuple[Kind, bytes]:
    """The next frame.

    Raises:
        asyncio.IncompleteReadError: at the end of the stream.
    """
    kind, length = HEADER.unpack(await stream.readexactly(HEADER.size))
    return Kind(kind), await stream.readexactly(length)
