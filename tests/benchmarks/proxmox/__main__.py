"""``make bench-proxmox``: how long a plan and an apply take; writes ``docs/benchmarks/proxmox.md``."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from tests.benchmarks.proxmox.apply import apply_five
from tests.benchmarks.proxmox.measured import Measured
from tests.benchmarks.proxmox.plan import plan_fifty

LATENCY_MS = 50
PAGE = Path(__file__).parents[3] / "docs" / "benchmarks" / "proxmox.md"


def main() -> None:
    """Run both and write the page; exits with 1 when a target is missed."""
    console = Console(stderr=True)
    began, load = datetime.now(UTC), os.getloadavg()[0]
    found: list[Measured] = []
    for benchmark in (plan_fifty, apply_five):
        console.print(f"... {benchmark.__name__}")
        with tempfile.TemporaryDirectory(prefix="homeostat-bench-") as folder:
            found += benchmark(Path(folder))
    for one in found:
        console.print(f"    {one.row()}")
    PAGE.write_text(page(found, began, load), encoding="utf-8")
    console.print(f"wrote {PAGE}")
    if any(one.met is False for one in found):
        sys.exit(1)


def page(found: list[Measured], began: datetime, load: float) -> str:
    """The page with the table."""
    rows = "\n".join(one.row() for one in found)
    return f"""# Planning and applying machines

Measured by `make bench-proxmox` on {began:%Y-%m-%d}.

- Machine: {os.cpu_count()} cores ({processor()}), Linux {platform.release()}
- Python {platform.python_version()}
- Load average before it began: {load:.1f}; nice value: {os.nice(0)}
- Proxmox is the simulator of the tests, over real HTTPS. It is a Python process on the same cores, so its
  own work (some milliseconds a request) is in the figures; each is answered {LATENCY_MS} ms later than
  it could be.

| what | measured | target | |
|---|---|---|---|
{rows}

A plan asks for one list of everything, then for the options of each machine, up to sixteen at a time. An
apply works on all machines at a time and copies up to five disks at a time on one storage (`--parallel`), so
it takes as long as its slowest machine while the host can keep up. Above the tasks themselves lie looking at
them (with pauses of up to 2 s) and the requests between them.
How each is measured: see `tests/benchmarks/proxmox/`.
"""


def processor() -> str:
    """The processor's name, where Linux tells it."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next(
        (line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine()
    )


if __name__ == "__main__":
    main()
