"""What a load tool is told to do, and what it saw."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.benchmarks.serving.wires import Message


@dataclass(frozen=True, slots=True)
class Load:
    """Some seconds of one request, again and again."""

    url: str
    message: Message
    connections: int
    seconds: float
    #: requests a second that are due whatever the server does; None for as many as it answers
    rate: float | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Requests and their latencies, in seconds from when each was due."""

    #: answered 200
    requests: int
    requests_per_second: float
    p50_seconds: float
    p99_seconds: float
    #: what else came, such as ``{"503": 12}``; none of it is in the figures above
    errors: dict[str, int]
    #: how much of its core the client used: near 1 it is what was measured
    client_cpu: float


class LoadTool(Protocol):
    """A program that makes load."""

    name: str
    version: str

    def drive(self, load: Load, workplace: Path) -> Seen:
        """Make the load and say what was seen."""
        ...
