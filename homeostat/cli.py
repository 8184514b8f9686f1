"""The ``homeostat`` command: it finds each room's subcommands by entry point and prints errors for people."""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import entry_points
from typing import Annotated, Any, cast

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from homeostat import config
from homeostat.errors import HomeostatError
from homeostat.loopback import without_proxy_on_loopback
from homeostat.paths import repository_root, state_directory

#: the entry points under which rooms offer their typer applications
GROUP = "homeostat.commands"
_COMPLETION = {"install_completion", "show_completion"}


class Rooms(TyperGroup):
    """The rooms' commands beside the kernel's own; a room is imported when its command is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The kernel's commands and every room's, by name."""
        rooms = {point.name for point in entry_points(group=GROUP)}
        return sorted({*super().list_commands(ctx), *rooms})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command ``cmd_name``, from the kernel or from the room of that name."""
        for point in entry_points(group=GROUP, name=cmd_name):
            command = typer.main.get_command(cast("typer.Typer", point.load()))
            command.name = cmd_name
            # installing completion for one room's subcommands would serve nobody
            command.params = [param for param in command.params if param.name not in _COMPLETION]
            return command
        return super().get_command(ctx, cmd_name)


app = typer.Typer(
    cls=Rooms,
    name="homeostat",
    help="A self-healing MLOps platform that one person runs from one git repository.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
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
        for sentence in config.all_warnings(root):
            typer.echo(f"warning  {sentence}")


@app.command()
def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
) -> None:
    """Look for what is missing before anything is begun: configuration, tools, keys, space, hosts.

    Exits with 1 when something won't work.

    Example: homeostat doctor --json
    """
    # only this command needs it, and "homeostat --help" stays quick
    from homeostat import doctor as examination  # noqa: PLC0415
    from homeostat.doctor_report import as_data, show  # noqa: PLC0415

    root = repository_root()
    findings = examination.examine(root, state_directory(root))
    if as_json:
        typer.echo(json.dumps(as_data(findings)))
    else:
        show(findings)
    if examination.any_failed(findings):
        raise typer.Exit(1)


def main() -> None:
    """Run the command line; a :class:`HomeostatError` becomes its sentence and its exit code."""
    os.environ.update(without_proxy_on_loopback(os.environ))
    try:
        app()
    except HomeostatError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"[red]error:[/red] {escape(str(error))}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
