"""Minutes of full load on our server: every request is answered, and no worker's memory grows."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from tests.benchmarks.serving import usage
from tests.benchmarks.serving.load import Load, LoadTool, Seen
from tests.benchmarks.serving.processes import Running
from tests.benchmarks.serving.slope import Line, fit, second_half

#: by which share of its mean a worker's memory may rise over the second half
GROWTH = 0.02
LOOK_SECONDS = 1.0
#: connections are made anew after this long, and the load tool forgets what it remembers
SLICE_SECONDS = 20.0
#: of the two loads: one row in JSON, and 64 rows in binary
CONNECTIONS = {("JSON", 1): 24, ("binary", 64): 8}


@dataclass(frozen=True, slots=True)
class Soaked:
    """What was seen."""

    requests: int
    errors: Mapping[str, int]
    seconds: float
    #: for each process that lived through the second half
    memory: Mapping[int, Line]

    @property
    def failures(self) -> Sequence[str]:
        """What must not be, in sentences."""
        found = [f"{count} x {text} instead of an answer" for text, count in self.errors.items()]
        found += [
            f"process {pid} grew by {line.growth:.1%} over the second half; {GROWTH:.0%} is the bound"
            for pid, line in self.memory.items()
            if line.growth > GROWTH
        ]
        if not self.requests:
            found.append("nothing was answered")
        if not self.memory:
            found.append("no process lived long enough for its memory to be judged")
        return found


def soak(server: Running, tool: LoadTool, seconds: float, workplace: Path, console: Console) -> Soaked:
    """Drive it for ``seconds`` and watch the memory of its processes."""
    looks: dict[int, list[tuple[float, float]]] = {}
    began = time.monotonic()
    with ThreadPoolExecutor(len(CONNECTIONS)) as pool, Progress(console=console, transient=True) as progress:
        task = progress.add_task("full load", total=seconds)
        drives = [pool.submit(_drive, server, tool, key, seconds, workplace) for key in CONNECTIONS]
        while not all(drive.done() for drive in drives):
            now = time.monotonic() - began
            for pid, size in usage.pss_of_each(server.pids()).items():
                looks.setdefault(pid, []).append((now, float(size)))
            progress.update(task, completed=min(now, seconds))
            time.sleep(LOOK_SECONDS)
    seen = [one for drive in drives for one in drive.result()]
    return Soaked(
        sum(one.requests for one in seen), _errors(seen), time.monotonic() - began, _lines(looks, seconds)
    )


def _drive(
    server: Running, tool: LoadTool, key: tuple[str, int], seconds: float, workplace: Path
) -> Sequence[Seen]:
    wire, rows = key
    place = workplace / f"load-{wire}"
    place.mkdir()
    message = server.contestant.wires[wire].ask(server.prepared.requests[rows])
    seen: list[Seen] = []
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        load = Load(server.url, message, CONNECTIONS[key], min(SLICE_SECONDS, left))
        seen.append(tool.drive(load, place))
    return seen


def _errors(seen: Sequence[Seen]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for one in seen:
        for text, count in one.errors.items():
            found[text] = found.get(text, 0) + count
    return found


def _lines(looks: Mapping[int, Sequence[tuple[float, float]]], seconds: float) -> Mapping[int, Line]:
    """Of the processes that were there from the middle to the end."""
    halves = {
        pid: second_half([point for point in points if point[0] <= seconds]) for pid, points in looks.items()
    }
    return {
        pid: fit(points)
        for pid, points in halves.items()
        if len(points) > 2 and points[-1][0] - points[0][0] >= seconds / 4
    }
