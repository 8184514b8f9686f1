"""What a run writes: every measurement as it was, so that tables can be made anew without measuring."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from homeostat import atomic
from homeostat.config import Document


class Cell(Document):
    """What is asked, how, and by how many at a time; measured for each server that can."""

    model: str
    engine: str
    wire: str
    rows: int
    connections: int
    #: requests a second that are due, whatever is answered; None for as many as there can be
    rate: float | None = None


class Sample(Document):
    """One server in one cell in one round."""

    server: str
    round: int
    cell: Cell
    #: answered 200; so many latencies the percentiles are of
    requests: int
    requests_per_second: float
    #: None where nothing was answered
    p50_seconds: float | None
    p99_seconds: float | None
    #: user and system time of all of its processes
    cpu_seconds_per_request: float | None
    #: that all of its processes hold, after the load
    memory_bytes: int
    #: the share of its core that the load tool used
    client_cpu: float
    #: anything but 200 voids the measurement
    errors: dict[str, int]

    @property
    def valid(self) -> bool:
        """Whether its figures may be used."""
        return not self.errors and self.p99_seconds is not None


class ClientCheck(Document):
    """The floor under one load tool, to see whether the tool is the bottleneck."""

    tool: str
    requests_per_second: float
    client_cpu: float


class Machine(Document):
    """Where it ran."""

    processor: str
    cores: int
    memory_bytes: int
    system: str
    python: str
    #: which core the client and the servers had
    client_core: int
    server_core: int
    cores_relation: str
    load_before: float


class Results(Document):
    """One run."""

    began: datetime
    took_seconds: float
    command: str
    commit: str
    machine: Machine
    #: programs and libraries that took part
    versions: dict[str, str]
    rounds: int
    warm_up_seconds: float
    seconds: float
    #: of a measurement at a given rate
    open_seconds: float
    features: int
    #: servers that could not take part, with the reason, by model
    absent: dict[str, str]
    client_checks: tuple[ClientCheck, ...]
    samples: tuple[Sample, ...]

    def write(self, path: Path) -> None:
        """As JSON."""
        atomic.write_text(path, self.model_dump_json(indent=1) + "\n")


def read_results(path: Path) -> Results:
    """What :meth:`Results.write` wrote."""
    return Results.model_validate_json(path.read_bytes())
