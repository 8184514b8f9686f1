"""``homeostat demo``: the whole story on this machine."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.console import Console

from homeostat.paths import repository_root, state_directory

app = typer.Typer(
    help="The whole story on this machine: push, serve, refuse, break, diagnose.", no_args_is_help=True
)

DIVISOR = 30.0


@app.callback()
def room() -> None:
    """The whole story on this machine: push, serve, refuse, break, diagnose."""


@app.command()
def run(
    *,
    divisor: Annotated[
        float, typer.Option(min=1, max=600, help="Divides the durations of alert rules.")
    ] = DIVISOR,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Play the story from an empty platform to a closed incident, then stop everything.

    Example: homeostat demo run --divisor 60
    """
    from demo.scene import Scene  # noqa: PLC0415 - keeps 'homeostat --help' quick
    from demo.story import play  # noqa: PLC0415
    from demo.summary import print_summary, to_json  # noqa: PLC0415

    root = repository_root()
    scene = Scene(root, state_directory(root) / "demo", divisor)
    console = Console(stderr=as_json)
    began = time.monotonic()
    outcome = play(scene, console)
    seconds = time.monotonic() - began
    if as_json:
        typer.echo(to_json(outcome, seconds))
    else:
        print_summary(outcome, console, seconds)
