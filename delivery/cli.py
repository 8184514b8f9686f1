"""``homeostat delivery``: the composition root of the room."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from delivery import lineage_cli, runner_lock, stage_cli
from delivery.forge import ensure_forge
from delivery.layout import Layout
from delivery.pipeline import Pipeline, forget_objections
from delivery.queue import Queue, Run
from delivery.receive import Reception, parse_updates
from delivery.runner import Runner
from homeostat.errors import MachineError
from homeostat.paths import repository_root, state_directory

app = typer.Typer(
    help="From a pushed commit to a served release: stages, the local forge, the hand-off, lineage.",
    no_args_is_help=True,
)
app.registered_commands += stage_cli.app.registered_commands
app.command(name="lineage")(lineage_cli.lineage)

Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def _layout() -> Layout:
    return Layout(state_directory(repository_root()))


@app.command()
def receive() -> None:
    """Take a push: the forge's post-receive hook. Reads git's lines on standard input.

    Example: echo "OLD NEW refs/heads/main" | homeostat delivery receive
    """
    layout = _layout()
    try:
        Reception(layout, Queue(layout.queue), typer.echo).receive(parse_updates(sys.stdin))
    except BrokenPipeError:  # the pusher hung up; the commit is queued
        sys.exit(0)


@app.command()
def run(
    *,
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing waits.")] = False,
) -> None:
    """Work the queue of pushed commits: the service 'runner'.

    Example: homeostat delivery run --once
    """
    from delivery.runner_log import logged_pipeline  # noqa: PLC0415 - structlog is for the service alone

    root, layout = repository_root(), _layout()
    with runner_lock.held_patiently(layout.runner_lock) as free:
        if not free:
            raise MachineError(f"another runner works {layout.queue}; one is enough.")
        runner = Runner(layout, root, Queue(layout.queue), logged_pipeline(Pipeline(layout, root)))
        if once:
            runner.drain()
        else:
            runner.serve()


@app.command()
def forge() -> None:
    """Make the local forge, and print where to push.

    Example: git push "$(homeostat delivery forge)" HEAD:main
    """
    layout = _layout()
    ensure_forge(layout.forge, repository_root(), layout.state)
    typer.echo(layout.forge)


@app.command()
def folder(model: Annotated[str, typer.Argument(help="Model, as in model-source.")]) -> None:
    """Write what deploys a model in a cluster, as its first hand-off would; what is there stays.

    Example: homeostat delivery folder phishing_detector
    """
    from delivery.model_folder import write_folder  # noqa: PLC0415 - nothing else here needs it

    written = write_folder(repository_root(), model)
    for path in written:
        typer.echo(path)
    if not written:
        typer.echo(f"nothing to write: all of {model}'s files are there.")


@app.command()
def status(*, as_json: Json = False) -> None:
    """The newest runs, and whether a runner is there.

    Example: homeostat delivery status
    """
    layout = _layout()
    runs = Queue(layout.queue).recent() if layout.queue.exists() else ()
    alive = runner_lock.is_held(layout.runner_lock)
    if as_json:
        typer.echo(json.dumps({"runner": alive, "runs": [_as_dict(layout, run) for run in runs]}, indent=2))
        return
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print("runner: works" if alive else "runner: is not running; 'make up' starts it")
    if not runs:
        console.print(f"nothing was pushed yet: git push {layout.forge} HEAD:main", soft_wrap=True)
        return
    table = Table("run", "commit", "state", "why", box=None)
    for run in runs:
        table.add_row(str(run.number), run.commit[:12], run.state, run.sentence)
    console.print(table)


@app.command()
def retry(commit: Annotated[str, typer.Argument(help="Commit of a refused or failed run.")]) -> None:
    """Queue a refused or failed run again; it goes on with the stage that objected.

    Example: homeostat delivery retry 4f2c1b
    """
    layout = _layout()
    run = Queue(layout.queue).retry(commit, lambda run: forget_objections(layout.run(run)))
    typer.echo(f"run {run.number} is queued again.")


def _as_dict(layout: Layout, run: Run) -> dict[str, object]:
    folder: Path = layout.run(run).path
    return {
        "number": run.number,
        "commit": run.commit,
        "state": run.state,
        "sentence": run.sentence,
        "queued_at": run.queued_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "folder": str(folder),
    }
