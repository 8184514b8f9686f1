"""The ``homeostat`` command: it finds each room's subcommands by entry point and prints errors for people."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from typing import Annotated, cast

import typer
from rich.console import Console
from rich.markup import escape

from homeostat import config
from homeostat.errors import HomeostatError
from homeostat.paths import repository_root

app = typer.Typer(
    name="homeostat",
    help="A self-healing MLOps platform that one person runs from one git repository.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
config_app = typer.Typer(help="The repository's configuration files.", no_args_is_help=True)
app.add_typer(config_app, name="config")


@config_app.command()
def check(
    *,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print mistakes only.")] = False,
) -> None:
    """Validate every configuration file and print each mistake as one sentence.

    Example: homeostat config check
    """
    root = repository_root()
    checked = config.check_all(root)
    if not quiet:
        for path in checked:
            typer.echo(f"ok  {path.relative_to(root)}")


def main() -> None:
    """Run the command line; a :class:`HomeostatError` becomes its sentence and its exit code."""
    for point in sorted(entry_points(group="homeostat.commands"), key=lambda point: point.name):
        app.add_typer(cast("typer.Typer", point.load()), name=point.name)
    try:
        app()
    except HomeostatError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"[red]error:[/red] {escape(str(error))}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
