"""``make bench-serving`` and ``make soak-serving``: how fast models are served, and what a server bears."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import typer
from rich.console import Console

from homeostat.progress import step
from tests.benchmarks.serving.abuse.playing import play_all, table
from tests.benchmarks.serving.contestants import OURS
from tests.benchmarks.serving.cores import Cores, choose_cores
from tests.benchmarks.serving.environments import ROOT, NotToBeHad
from tests.benchmarks.serving.machine import commit, describe, versions
from tests.benchmarks.serving.model_files import FEATURES, NATIVE, Catalogue
from tests.benchmarks.serving.oha import Oha, find_oha
from tests.benchmarks.serving.plan import LINEAR, Plan, make_plan
from tests.benchmarks.serving.plot import draw
from tests.benchmarks.serving.processes import Running, start
from tests.benchmarks.serving.report import page
from tests.benchmarks.serving.results import Results, read_results
from tests.benchmarks.serving.run import Run
from tests.benchmarks.serving.showing import Showing
from tests.benchmarks.serving.soak import soak as soak_server
from tests.benchmarks.serving.wrk import Wrk

PAGES = ROOT / "docs" / "benchmarks"
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command()
def run(
    full: bool = typer.Option(False, "--full", help="Everything with everything: hours."),
    rounds: int = typer.Option(3, min=1, help="How often each cell is measured."),
    seconds: float = typer.Option(2.0, min=0.2, help="How long each measurement takes at full load."),
    open_seconds: float = typer.Option(10.0, min=0.2, help="The same at a given rate."),
    warm_up: float = typer.Option(0.5, min=0.1, help="How long before it the server is driven."),
    only: list[str] = typer.Option([], help="Part of a server's name; several may be given."),
    pages: Path = typer.Option(PAGES, help="Where serving.json, serving.md and serving.svg go."),
) -> None:
    """Measure our server and its peers, and write the page.

    Example: python -m tests.benchmarks.serving run --only homeostat --only echo --rounds 1 --pages /tmp
    """
    console = Console(stderr=True)
    try:
        plan = make_plan(
            full=full,
            rounds=rounds,
            seconds=seconds,
            warm_up_seconds=warm_up,
            open_seconds=open_seconds,
            only=only,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    pages.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="homeostat-bench-") as folder:
        results = _measured(console, plan, Path(folder))
    results.write(pages / "serving.json")
    _write(results, pages, console)


@app.command()
def report(pages: Path = typer.Option(PAGES, help="Where serving.json is and the rest goes.")) -> None:
    """Write the page and the picture anew from the results that are there.

    Example: python -m tests.benchmarks.serving report
    """
    _write(read_results(pages / "serving.json"), pages, Console(stderr=True))


@app.command()
def soak(
    seconds: float = typer.Option(300.0, min=1, help="How long."),
    workers: int = typer.Option(2, min=1, help="Of our server."),
) -> None:
    """Keep our server at full load: every request is answered and no worker's memory grows.

    Example: python -m tests.benchmarks.serving soak --seconds 60
    """
    console = Console(stderr=True)
    tool = Oha(find_oha(), choose_cores().pin_client)
    with _our_server(workers, console) as (server, workplace):
        soaked = soak_server(server, tool, seconds, workplace, console)
    console.print(f"{soaked.requests:,} requests answered in {soaked.seconds:.0f} s")
    for pid, line in soaked.memory.items():
        console.print(
            f"process {pid}: {line.mean / 2**20:.1f} MB, {line.per_second * 60 / 2**20:+.3f} MB a minute"
        )
    _end_with(soaked.failures, console)


@app.command()
def abuse(
    workers: int = typer.Option(2, min=2, help="Of our server; one is killed."),
    connections: int = typer.Option(10_000, min=1, help="Slow ones."),
) -> None:
    """Mistreat our server while a client that behaves has to be answered.

    Example: python -m tests.benchmarks.serving abuse --connections 1000
    """
    console = Console(stderr=True)
    with _our_server(workers, console) as (server, _):
        played = play_all(server, connections, console)
    console.print(table(played))
    _end_with([failure for one in played for failure in one.failures], console)


@contextmanager
def _our_server(workers: int, console: Console) -> Generator[tuple[Running, Path]]:
    """Ours on all cores, with a folder to write to."""
    contestant = replace(OURS, environment={"HOMEOSTAT_SERVING_WORKERS": str(workers)}, pinned=False)
    with tempfile.TemporaryDirectory(prefix="homeostat-bench-") as folder:
        workplace = Path(folder)
        with step(console, "a model and its server"):
            prepared = Catalogue.of([(LINEAR, NATIVE)], workplace).found[LINEAR, NATIVE]
            server = start(contestant, prepared, choose_cores(), workplace / "server.log")
        try:
            yield server, workplace
        finally:
            server.stop()


def _end_with(failures: Sequence[str], console: Console) -> None:
    for failure in failures:
        console.print(f"FAILED: {failure}", highlight=False)
    if failures:
        raise typer.Exit(1)


def _measured(console: Console, plan: Plan, workplace: Path) -> Results:
    cores, load_before = choose_cores(), os.getloadavg()[0]
    began, started = datetime.now(UTC), time.monotonic()
    console.print(f"about {plan.estimated_seconds() / 60:.0f} minutes")
    with step(console, "load tools (oha is built once, in minutes)"):
        tool, second = Oha(find_oha(), cores.pin_client), _second_tool(cores)
    with step(console, "models"):
        catalogue = Catalogue.of(plan.wanted(), workplace)
    with Showing(console, plan.rounds * plan.measurements()) as showing:
        played = Run(plan, catalogue, cores, tool, second, workplace, showing)
        played.play()
    return Results(
        began=began,
        took_seconds=time.monotonic() - started,
        command=_command(),
        commit=commit(),
        machine=describe(cores, load_before),
        versions={**versions(), tool.name: tool.version},
        rounds=plan.rounds,
        warm_up_seconds=plan.warm_up_seconds,
        seconds=plan.seconds,
        open_seconds=plan.open_seconds,
        features=FEATURES,
        absent=played.absent,
        client_checks=tuple(played.client_checks),
        samples=tuple(played.samples),
    )


def _second_tool(cores: Cores) -> Wrk | None:
    try:
        return Wrk.find(cores.pin_client)
    except NotToBeHad:
        return None


def _command() -> str:
    return shlex.join(["python", "-m", "tests.benchmarks.serving", *sys.argv[1:]])


def _write(results: Results, pages: Path, console: Console) -> None:
    draw(results, pages / "serving.svg")
    (pages / "serving.md").write_text(page(results, "serving.svg"), encoding="utf-8")
    console.print(f"wrote {pages / 'serving.md'}")


def _end(number: int, frame: FrameType | None) -> None:
    """SIGTERM ends a run as Ctrl-C does: with all of its servers."""
    del frame
    raise KeyboardInterrupt(signal.Signals(number).name)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; exits with 1 on a failure and with 130 when it was broken off."""
    signal.signal(signal.SIGTERM, _end)
    try:
        app(arguments)
    except NotToBeHad as reason:
        Console(stderr=True).print(f"error: {reason}", highlight=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
