"""``homeostat alerting``: check, test and render the rules and configurations."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from alerting.checking import Checkers

app = typer.Typer(
    help="What wakes a person: Prometheus rules, their tests, and Alertmanager's configuration.",
    no_args_is_help=True,
    add_completion=False,
)

Divisor = Annotated[float, typer.Option("--divisor", min=1, max=600, help="divide every duration by this")]
# what a configuration that is only looked at points to
_EXAMPLE_ALERTMANAGER = "127.0.0.1:9093"
_EXAMPLE_TRIAGE = "http://127.0.0.1:8090"


@app.command()
def check(*, divisor: Divisor = 1.0) -> None:
    """Let promtool and amtool check the rules and both configurations.

    Example: homeostat alerting check --divisor 30
    """
    from homeostat.progress import step  # noqa: PLC0415 - `homeostat --help` stays quick

    console = _console()
    checkers = _checkers(console)
    with tempfile.TemporaryDirectory() as name:
        prometheus, alertmanager = _render(Path(name), divisor)
        with step(console, "rules and Prometheus's configuration"):
            checkers.check_prometheus(prometheus)
        with step(console, "Alertmanager's configuration"):
            checkers.check_alertmanager(alertmanager)


@app.command()
def test() -> None:
    """Run the promtool tests: each alert fires when it should, and only then.

    Example: homeostat alerting test
    """
    from alerting.checking import rule_tests  # noqa: PLC0415 - `homeostat --help` stays quick
    from homeostat.paths import repository_root  # noqa: PLC0415
    from homeostat.progress import step  # noqa: PLC0415

    console = _console()
    checkers = _checkers(console)
    tests = rule_tests(repository_root())
    with step(console, f"{len(tests)} files of rule tests"):
        checkers.run_rule_tests(tests)


@app.command()
def render(
    *,
    out: Annotated[Path, typer.Option("--out", file_okay=False, help="the folder to write into")],
    divisor: Divisor = 1.0,
) -> None:
    """Write the rules and both configurations as a site would get them.

    Example: homeostat alerting render --divisor 30 --out /tmp/alerting
    """
    for path in _render(out.resolve(), divisor):
        typer.echo(path)


@app.command()
def export() -> None:
    """Write what the cluster's manifests take from here: configurations, dashboards and lists of files.

    Example: homeostat alerting export
    """
    from alerting.exporting import export as write  # noqa: PLC0415 - `homeostat --help` stays quick
    from homeostat.paths import repository_root  # noqa: PLC0415

    written = list(write(repository_root()))
    for path in written:
        typer.echo(path)
    if not written:
        typer.echo("everything was up to date")


def _render(folder: Path, divisor: float) -> tuple[Path, Path]:
    from alerting.alertmanager import Webhooks  # noqa: PLC0415 - `homeostat --help` stays quick
    from alerting.pace import Pace  # noqa: PLC0415
    from alerting.rendering import render_alertmanager, render_prometheus  # noqa: PLC0415
    from homeostat.paths import repository_root  # noqa: PLC0415

    pace = Pace(divisor)
    webhooks = Webhooks(
        f"{_EXAMPLE_TRIAGE}/webhooks/alertmanager", f"{_EXAMPLE_TRIAGE}/webhooks/heartbeat", folder / "token"
    )
    prometheus = render_prometheus(repository_root(), folder, folder / "targets", _EXAMPLE_ALERTMANAGER, pace)
    return prometheus, render_alertmanager(folder, webhooks, pace)


def _console() -> Console:
    from rich.console import Console  # noqa: PLC0415 - `homeostat --help` stays quick

    return Console()


def _checkers(console: Console) -> Checkers:
    from alerting.checking import Checkers  # noqa: PLC0415 - `homeostat --help` stays quick
    from homeostat.paths import repository_root, state_directory  # noqa: PLC0415
    from homeostat.progress import step  # noqa: PLC0415
    from infra.programs.obtain import standard_programs  # noqa: PLC0415

    root = repository_root()
    programs = standard_programs(root, state_directory(root) / "programs")
    with step(console, "promtool and amtool") as running:
        found = {name: programs.get(name, running.doing) for name in ("promtool", "amtool")}
        for name, program in found.items():
            running.note(f"{name} {program.version} from {program.source}")
    return Checkers(found["promtool"].path, found["amtool"].path)
