"""``python -m serving.explaining.child``: the process that explains, one request after the other.

It ends with its worker: a thread waits for the end of the socket between them. And it ends when one request
takes too long, even inside of a library that never gives the interpreter back: the kernel's alarm does that.
"""

from __future__ import annotations

import os
import queue
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import BinaryIO

import orjson

from homeostat.errors import HomeostatError
from serving.bundle import load_bundle
from serving.engines.engine import Rows
from serving.errors import BadAnswer, NotExplainable
from serving.explaining.explanations import Explanations
from serving.explaining.frames import Kind, frame, read_frame, unpack_rows
from serving.explaining.opening import open_explanations

#: the worker gives up before; this is for a child whose worker is gone
ALARM_SECONDS = 300
#: predictions come first wherever there are too few CPUs
NICENESS = 10


def main(descriptor: int, directory: Path, sha256: str) -> None:
    """Explain what comes over the socket ``descriptor`` until its other end is closed."""
    # A signal to the whole group is the worker's to answer: it drains first.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    os.nice(NICENESS)
    connection = socket.socket(fileno=descriptor)
    wanted: queue.SimpleQueue[Rows] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(connection.makefile("rb"), wanted), daemon=True).start()
    signal.alarm(ALARM_SECONDS)
    try:
        explanations = open_explanations(load_bundle(directory, sha256))
    except HomeostatError as error:
        reason = error.reason if isinstance(error, NotExplainable) else str(error).rstrip(".")
        connection.sendall(frame(Kind.UNABLE, reason.encode()))
        return
    connection.sendall(frame(Kind.READY))
    while True:
        signal.alarm(0)
        rows = wanted.get()
        signal.alarm(ALARM_SECONDS)
        connection.sendall(_answer(explanations, rows))


def _receive(stream: BinaryIO, wanted: queue.SimpleQueue[Rows]) -> None:
    while (received := read_frame(stream)) is not None:
        wanted.put(unpack_rows(received[1]))
    # Nobody waits for what the other thread may be computing.
    os._exit(0)


def _answer(explanations: Explanations, rows: Rows) -> bytes:
    try:
        return frame(Kind.EXPLAINED, orjson.dumps(explanations.explain(rows)))
    except (BadAnswer, NotExplainable) as error:
        return frame(Kind.FAILED, str(error).encode())
    except Exception as error:  # noqa: BLE001 - the edge of the process: foreign code explains
        return frame(Kind.FAILED, f"The rows can't be explained ({type(error).__name__}: {error}).".encode())


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
