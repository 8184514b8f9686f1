"""``homeostat process``: the platform as plain processes on this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from homeostat import config
from homeostat.errors import HomeostatError, Refused
from homeostat.paths import repository_root, state_directory
from homeostat.progress import step
from homeostat.service import declared_services
from infra import disk
from infra.process import control, display, faults, ownership
from infra.process.errors import ServiceNotReady
from infra.process.machine import check_machine
from infra.process.site import open_site
from infra.process.state.logs import last_lines, log_path
from infra.process.status import PlatformStatus
from infra.process.supervision.pace import Pace

app = typer.Typer(
    help="The platform as plain processes on loopback: for the demo, laptops and tests.", no_args_is_help=True
)
fault_app = typer.Typer(
    help="Break a model server on purpose, to see the platform notice.", no_args_is_help=True
)
app.add_typer(fault_app, name="fault")

JsonOption = Annotated[bool, typer.Option("--json", help="For a machine to read.")]
ModelOption = Annotated[str, typer.Option("--model", help="The name of a served model.")]


def _state() -> Path:
    return state_directory(repository_root())


def _console() -> Console:
    console = Console(highlight=False, soft_wrap=True)
    # off a terminal rich takes 80 columns, which would break addresses and reasons
    return console if console.is_terminal else Console(highlight=False, soft_wrap=True, width=160)


@app.command()
def up(
    alert_time_divisor: Annotated[
        float | None,
        typer.Option(min=1, max=600, help="Divide the durations of alert rules, for those in a hurry."),
    ] = None,
) -> None:
    """Start everything and wait until it is healthy; what already runs is left as it is.

    A model that can't start does not hold up the rest: it is shown as failed, and the exit code is 1.

    Example: homeostat process up
    """
    root, console = repository_root(), _console()
    state = state_directory(root)
    config.check_all(root)
    for warning in check_machine(state):
        console.print(f"[yellow]note:[/yellow] {warning}")
    if (running := control.status(state)) and running.root != root:
        raise Refused(f"{state} belongs to the platform of {running.root}: stop that one first.")
    if running:
        console.print(f"The platform already runs (supervisor {running.pid}).")
    with display.StartDisplay(console) as shown:
        platform = control.Platform(root, state)
        status = control.up(platform, shown.show, alert_time_divisor=alert_time_divisor)
    console.print()
    _print(status, console)
    if complaint := display.complaint(status):
        raise ServiceNotReady(complaint)


@app.command()
def status(*, as_json: JsonOption = False) -> None:
    """Show what runs, where, and since when; exit with 1 when something is not healthy.

    Example: homeostat process status --json
    """
    state = _state()
    found = control.status(state)
    if as_json:
        content = _told(found) if found else {}
        typer.echo(
            json.dumps({"running": found is not None, "healthy": bool(found and found.healthy)} | content)
        )
    elif found is None:
        typer.echo("The platform is not running: start it with 'homeostat process up'.")
    else:
        _print(found, _console())
        if (warning := disk.warning(state)) and warning not in found.problems:
            typer.echo(f"problem   {warning}")
    if not (found and found.healthy):
        raise typer.Exit(1)


@app.command()
def down(
    *,
    purge: Annotated[
        bool, typer.Option("--purge", help="Remove the state folder with all data, too.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Purge without asking.")] = False,
) -> None:
    """Stop everything and leave no process behind; the data stays unless it is purged.

    Example: homeostat process down
    """
    state = _state()
    if purge:
        ownership.require_ours(state)
        if (
            not yes
            and typer.prompt(f"This removes all data in {state}. Type its name ({state.name})") != state.name
        ):
            raise Refused("nothing was removed: the name was not typed.")
    stopped = control.down(state)
    if not stopped.was_running:
        typer.echo("The platform was not running.")
    for name in stopped.services:
        typer.echo(f"stopped {name}")
    for leftover in stopped.leftovers:
        typer.echo(f"ended a leftover process: {leftover.pid} {leftover.command}")
    if purge:
        ownership.purge(state)
        typer.echo(f"removed {state}")


@app.command()
def supervise(
    with_parent: Annotated[
        int | None, typer.Option(help="End with this process, which must be the parent.", metavar="PID")
    ] = None,
) -> None:
    """Run the supervisor in the foreground, without the waiting that 'up' does.

    Example: homeostat process supervise
    """
    from infra.process.supervision.supervise import supervise as run  # noqa: PLC0415 - 0.2 s that only this command pays

    root = repository_root()
    config.check_all(root)
    run(open_site(root, state_directory(root)), declared_services, Pace(), with_parent)


@app.command()
def program(
    name: Annotated[str, typer.Argument(help="For example prometheus, promtool, alertmanager or amtool.")],
    source: Annotated[
        str | None, typer.Option(help="Take it from here alone: path, deb or go.", metavar="SOURCE")
    ] = None,
) -> None:
    """Print the path of a third-party program; fetch or build it first when it is not here.

    Example: homeostat process program promtool --source deb
    """
    root = repository_root()
    with step(Console(stderr=True), f"obtain {name}") as shown:
        obtained = open_site(root, state_directory(root)).programs.get(name, shown.doing, source)
        shown.note(f"version {obtained.version} from {obtained.source}")
    typer.echo(obtained.path)


@app.command()
def logs(
    service: Annotated[str, typer.Argument(help="A service as 'status' names it, or 'supervisor'.")],
    lines: Annotated[int, typer.Option("-n", "--lines", min=1, help="How many of the last lines.")] = 40,
) -> None:
    """Print the last log lines of a service.

    Example: homeostat process logs mlflow -n 20
    """
    folder = _state() / "logs"
    if not log_path(folder, service).is_file():
        known = ", ".join(sorted(path.stem for path in folder.glob("*.log"))) or "none yet"
        raise HomeostatError(f"there is no log of '{service}'; logs are there of: {known}.")
    for line in last_lines(log_path(folder, service), lines):
        typer.echo(line)


@fault_app.command("slow")
def fault_slow(
    model: ModelOption,
    seconds: Annotated[float, typer.Option(help="How much longer every prediction takes.")] = 0.8,
) -> None:
    """Make every prediction of a model slower.

    Example: homeostat process fault slow --model phishing_detector --seconds 0.8
    """
    faults.slow(_running(), model, seconds)
    typer.echo(f"every prediction of {model} now takes {seconds:g} s longer")


@fault_app.command("clear")
def fault_clear(model: ModelOption) -> None:
    """End the fault of a model.

    Example: homeostat process fault clear --model phishing_detector
    """
    ended = faults.clear(_running(), model)
    typer.echo(f"the fault of {model} is ended" if ended else f"{model} had no fault; nothing changed")


def _told(status: PlatformStatus) -> dict[str, Any]:
    """The status with what can be read off it, so that no script needs to know the phases."""
    services = [service.model_dump(mode="json") | {"healthy": service.healthy} for service in status.services]
    return status.model_dump(mode="json") | {"services": services}


def _running() -> PlatformStatus:
    if found := control.status(_state()):
        return found
    raise Refused("the platform is not running: start it with 'homeostat process up'.")


def _print(status: PlatformStatus, console: Console) -> None:
    console.print(display.service_table(status))
    console.print()
    for line in display.about(status):
        typer.echo(line)
