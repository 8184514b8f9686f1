"""The room's subcommands."""

from __future__ import annotations

import typer

app = typer.Typer(help="The platform as plain processes on loopback: for the demo, laptops and tests.", no_args_is_help=True)


@app.callback()
def room() -> None:
    """Subcommands of this room."""
