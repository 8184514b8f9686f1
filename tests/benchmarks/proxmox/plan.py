"""A plan for fifty machines, when nothing has to be done and when everything has."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from infra.proxmox.planning import plan
from tests.benchmarks.proxmox.apart import Apart, open_apart
from tests.benchmarks.proxmox.measured import Measured
from tests.unit.infra.proxmox.samples import node

MACHINES = 50
LATENCY_SECONDS = 0.05
RUNS = 5
TARGET_SECONDS = 2.0


def plan_fifty(folder: Path) -> list[Measured]:
    """Each several times, with a session of its own."""
    nodes = tuple(
        node(f"agent-{n}", n, role="agent", memory="1GiB", disk="8GiB") for n in range(1, MACHINES + 1)
    )
    with open_apart(folder, nodes) as apart:
        apart.latency(LATENCY_SECONDS)
        absent = _several(apart, "a plan for 50 machines that are missing")
        apart.latency(0.0)
        apart.bring()
        apart.latency(LATENCY_SECONDS)
        return [_several(apart, "a plan for 50 machines that run"), absent]


def _several(apart: Apart, what: str) -> Measured:
    before = apart.requests()
    times = [_once(apart) for _ in range(RUNS)]
    requests = (apart.requests() - before) // RUNS
    middle = statistics.median(times)
    return Measured(
        f"{what} ({requests} requests, {requests * LATENCY_SECONDS:.1f} s of latency one after the other)",
        f"{middle:.2f} s (of {RUNS}: {min(times):.2f} to {max(times):.2f})",
        f"< {TARGET_SECONDS:.0f} s",
        middle < TARGET_SECONDS,
    )


def _once(apart: Apart) -> float:
    began = time.perf_counter()
    with apart.session() as session:
        plan(apart.definition, session)
    return time.perf_counter() - began
