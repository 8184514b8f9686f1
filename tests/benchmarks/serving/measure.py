"""One measurement: a server in a cell, warmed up, while all others are held still."""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.serving import usage
from tests.benchmarks.serving.load import Load, LoadTool, Seen
from tests.benchmarks.serving.memory import held_bytes
from tests.benchmarks.serving.processes import Running
from tests.benchmarks.serving.results import Cell, Sample


@dataclass(frozen=True, slots=True)
class Times:
    """How long a server is driven."""

    warm_up_seconds: float
    seconds: float


def measure(
    server: Running, cell: Cell, round_number: int, tool: LoadTool, times: Times, workplace: Path
) -> Sample:
    """Drive it, first to warm up, then to count.

    Raises:
        NotToBeHad: when the load tool fails.
    """
    load = load_of(server, cell, times.seconds)
    with awake(server):
        tool.drive(load_of(server, cell, times.warm_up_seconds), workplace)
        pids = server.pids()
        before = usage.cpu_seconds(pids)
        seen = tool.drive(load, workplace)
        used = usage.cpu_seconds(pids) - before
        memory = held_bytes(server.pids())
    return _sample(server, cell, round_number, seen, used, memory)


def load_of(server: Running, cell: Cell, seconds: float) -> Load:
    """What the load tool is told."""
    message = server.contestant.wires[cell.wire].ask(server.prepared.requests[cell.rows])
    return Load(server.url, message, cell.connections, seconds, cell.rate)


@contextmanager
def awake(server: Running) -> Generator[None]:
    """Let this one run for the block; it is held before and after."""
    server.go_on()
    try:
        yield
    finally:
        server.hold()


def _sample(
    server: Running, cell: Cell, round_number: int, seen: Seen, used_seconds: float, memory_bytes: int
) -> Sample:
    return Sample(
        server=server.contestant.name,
        round=round_number,
        cell=cell,
        requests=seen.requests,
        requests_per_second=seen.requests_per_second,
        p50_seconds=_known(seen.p50_seconds),
        p99_seconds=_known(seen.p99_seconds),
        cpu_seconds_per_request=used_seconds / seen.requests if seen.requests else None,
        memory_bytes=memory_bytes,
        client_cpu=seen.client_cpu,
        errors=seen.errors,
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
