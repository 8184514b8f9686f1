"""The room's subcommands."""

from __future__ import annotations

import typer

app = typer.Typer(help="The inference service: one for all tabular models, over KServe V1 and the Open Inference Protocol V2.", no_args_is_help=True)


@app.callback()
def room() -> None:
    """Subcommands of this room."""
