"""An apply of five machines, whose tasks take given times."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from infra.proxmox.template.making import ensure_template
from tests.benchmarks.proxmox.apart import open_apart
from tests.benchmarks.proxmox.measured import Measured
from tests.unit.infra.proxmox.samples import node

MACHINES = 5
LATENCY_SECONDS = 0.05
#: kind of task -> how long each takes
TASKS: Mapping[str, float] = {"qmclone": 4.0, "resize": 0.5, "qmstart": 1.5}


def apply_five(folder: Path) -> list[Measured]:
    """Once, with the template made before."""
    nodes = tuple(node(f"agent-{n}", n, role="agent") for n in range(1, MACHINES + 1))
    one = sum(TASKS.values())
    with open_apart(folder, nodes) as apart:
        with apart.session() as session:
            ensure_template(session, apart.definition, lambda _text: None)
        for kind, seconds in TASKS.items():
            apart.slow(kind, seconds)
        apart.latency(LATENCY_SECONDS)
        began = time.perf_counter()
        apart.bring()
        took = time.perf_counter() - began
    told = ", ".join(f"{kind} {seconds:g} s" for kind, seconds in TASKS.items())
    return [
        Measured(
            f"an apply of 5 machines ({told}: {one:g} s of tasks each, {one * MACHINES:g} s in all)",
            f"{took:.1f} s",
            f"bounded by the slowest: < {one * 2:g} s, twice the tasks of one",
            took < one * 2,
        )
    ]
