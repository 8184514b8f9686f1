"""Thousands of clients that begin a request and never end it."""

from __future__ import annotations

import asyncio
import resource
from contextlib import suppress
from dataclasses import dataclass

from tests.benchmarks.serving.abuse.scenario import Outcome
from tests.benchmarks.serving.packing import NAME
from tests.benchmarks.serving.processes import Running

HEAD = f"POST /v2/models/{NAME}/infer HTTP/1.1\r\nhost: bench\r\ncontent-length: 1000\r\n".encode()
#: half of the clients are slow with the head, half with the body
PIECES = ([HEAD[start : start + 10] for start in range(0, 80, 10)], [HEAD + b"\r\n{", *[b" "] * 7])
#: files of ours beside the connections
SPARE = 200
#: how many are being opened at a time, so that a queue of the kernel's is not what is tested
OPENING = 64
OPEN_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class SlowConnections:
    """Each sends a piece of a request at a time."""

    connections: int = 10_000
    hold_seconds: float = 10.0
    name: str = "slow connections"

    def play(self, server: Running) -> Outcome:
        """Open all, let them drip for a while, close them."""
        allowed = allow_files(self.connections + SPARE) - SPARE
        wanted = min(self.connections, allowed)
        opened, dropped = asyncio.run(_drip(server.port, wanted, self.hold_seconds))
        failures = []
        if wanted < self.connections:
            failures.append(f"this machine lets a process have {allowed} connections only")
        if opened < wanted:
            failures.append(f"{wanted - opened} of {wanted} could not connect")
        return Outcome(f"{opened:,} open, {dropped:,} of them closed by the server", failures)


def allow_files(wanted: int) -> int:
    """Raise this process's limit of open files to ``wanted`` if it may; the limit that it has then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = hard == resource.RLIM_INFINITY
    if soft < wanted:
        soft = wanted if unlimited else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft


async def _drip(port: int, count: int, hold_seconds: float) -> tuple[int, int]:
    """How many were open, and how many of these the server closed."""
    gate = asyncio.Semaphore(OPENING)
    writers = [
        writer for writer in await asyncio.gather(*(_open(port, gate) for _ in range(count))) if writer
    ]
    for pieces in zip(*PIECES, strict=True):
        for index, writer in enumerate(writers):
            if not writer.is_closing():
                writer.write(pieces[index % 2])
        await asyncio.sleep(hold_seconds / len(PIECES[0]))
    dropped = sum(writer.is_closing() for writer in writers)
    for writer in writers:
        writer.transport.abort()
    return len(writers), dropped


async def _open(port: int, gate: asyncio.Semaphore) -> asyncio.StreamWriter | None:
    async with gate:
        with suppress(OSError, TimeoutError):
            _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), OPEN_SECONDS)
            return writer
    return None
