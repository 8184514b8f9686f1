"""``make bench-triage``: triage under load, on this machine; writes ``docs/benchmarks/triage.md``."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from tests.benchmarks.triage.crash import crash
from tests.benchmarks.triage.intake import batches, minute
from tests.benchmarks.triage.latency import large_logs
from tests.benchmarks.triage.outcome import Outcome
from tests.benchmarks.triage.synced import synced

PAGE = Path(__file__).parents[3] / "docs" / "benchmarks" / "triage.md"
BENCHMARKS: Mapping[str, Callable[[Path], list[Outcome]]] = {
    "minute": minute,
    "batches": batches,
    "crash": crash,
    "synced": synced,
    "logs": large_logs,
}


def main(chosen: list[str]) -> None:
    """Run those that are named, or all, which writes the page."""
    console = Console(stderr=True)
    began = datetime.now(UTC)
    load_before = os.getloadavg()[0]
    outcomes: list[Outcome] = []
    for name in chosen or BENCHMARKS:
        console.print(f"... {name}")
        with tempfile.TemporaryDirectory(prefix="homeostat-bench-") as folder:
            outcomes += BENCHMARKS[name](Path(folder))
        for outcome in outcomes[-8:]:
            console.print(f"    {outcome.text()}")
    if not chosen:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page(outcomes, began, load_before), encoding="utf-8")
        console.print(f"wrote {PAGE}")
    if any(outcome.met is False for outcome in outcomes):
        sys.exit(1)


def page(outcomes: list[Outcome], began: datetime, load_before: float) -> str:
    """The page with the table."""
    rows = "\n".join(outcome.row() for outcome in outcomes)
    return f"""# Triage under load

Measured by `make bench-triage` on {began:%Y-%m-%d}.

- Machine: {os.cpu_count()} cores ({processor()}), Linux {platform.release()}
- Python {platform.python_version()}
- Database: SQLite on the machine's own disk
- Load average before it began: {load_before:.1f}; nice value: {os.nice(0)}
- Whatever else runs on the machine is in the figures, and so is the client, which shares the cores.

| what | measured | target | |
|---|---|---|---|
{rows}

How each is measured: see the docstrings in `tests/benchmarks/triage/`. Percentiles are over single calls.
*From when it was due* counts the time that a call waited in the client because earlier ones took too long.
"""


def processor() -> str:
    """The processor as the machine names it."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


if __name__ == "__main__":
    main(sys.argv[1:])
