"""The room's subcommands."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="Continuous training: from a model's folder to a judged, recorded, packaged candidate.",
    no_args_is_help=True,
)


@app.callback()
def room() -> None:
    """Subcommands of this room."""
