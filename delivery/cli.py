"""The room's subcommands."""

from __future__ import annotations

import typer

app = typer.Typer(help="From a pushed commit to a served release: stages, the local forge, the hand-off, lineage.", no_args_is_help=True)


@app.callback()
def room() -> None:
    """Subcommands of this room."""
