"""The worker's end of its explaining child."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import serving
from serving.engines.engine import Rows
from serving.errors import BadAnswer, NotExplainable
from serving.explaining.frames import Kind, frame, pack_rows, receive_frame

#: shap is compiled code, and the models' libraries must not take the CPUs of those who predict
SINGLE_THREADED = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class ChildProcess:
    """A child that has been started; it is ready once :meth:`ready` returns."""

    process: subprocess.Popen[bytes]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ready(self) -> None:
        """Wait until it has verified and loaded the model.

        Raises:
            NotExplainable: when it says that it can't explain this model.
            asyncio.IncompleteReadError: when it ends instead.
        """
        kind, content = await receive_frame(self.reader)
        if kind is not Kind.READY:
            raise NotExplainable(content.decode())

    async def explain(self, rows: Rows) -> bytes:
        """The JSON of the rows' explanations.

        Raises:
            BadAnswer: when it says that these rows have none.
            OSError, asyncio.IncompleteReadError: when it has ended.
        """
        self.writer.write(frame(Kind.ROWS, pack_rows(rows)))
        await self.writer.drain()
        kind, content = await receive_frame(self.reader)
        if kind is not Kind.EXPLAINED:
            raise BadAnswer(content.decode())
        return content

    async def end(self) -> None:
        """Kill it, whatever it does."""
        self.process.kill()
        self.writer.close()
        await asyncio.to_thread(self.process.wait)


async def start_child(directory: Path, sha256: str) -> ChildProcess:
    """Start the process that explains the model in ``directory``.

    A new program, not a fork of the worker: it shares neither its memory nor its sockets.
    """
    ours, its = socket.socketpair()
    with its:
        command = [
            sys.executable,
            "-P",
            "-W",
            "ignore",
            "-m",
            "serving.explaining.child",
            str(its.fileno()),
            str(directory),
            sha256,
        ]
        # In a thread, since starting a program takes some milliseconds that predictions would wait.
        process = await asyncio.to_thread(_start, command, its.fileno())
    reader, writer = await asyncio.open_unix_connection(sock=ours)
    return ChildProcess(process, reader, writer)


def _start(command: Sequence[str], descriptor: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        env=_environment(),
        pass_fds=[descriptor],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def _environment() -> Mapping[str, str]:
    # The packaged sources explain what they serve, wherever this process was started.
    source = str(Path(serving.__path__[0]).parent)
    before = os.environ.get("PYTHONPATH")
    path = {"PYTHONPATH": f"{source}{os.pathsep}{before}" if before else source}
    return {**os.environ, **path, **dict.fromkeys(SINGLE_THREADED, "1")}
