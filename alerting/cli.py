"""The room's subcommands."""

from __future__ import annotations

import typer

app = typer.Typer(help="What wakes a person: Prometheus rules, their tests, and Alertmanager's configuration.", no_args_is_help=True)


@app.callback()
def room() -> None:
    """Subcommands of this room."""
