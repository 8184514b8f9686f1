"""The room's subcommands."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="The whole story on one machine, told through public seams: git, HTTP and the process provider.",
    no_args_is_help=True,
)


@app.callback()
def room() -> None:
    """Subcommands of this room."""
