"""The room's subcommands."""

from __future__ import annotations

import typer

app = typer.Typer(help="From an alert to one report that a person can trust: queue, evidence, analysts, report.", no_args_is_help=True)


@app.callback()
def room() -> None:
    """Subcommands of this room."""
