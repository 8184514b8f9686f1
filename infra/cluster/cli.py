"""``homeostat cluster``: start, see, stop and remove a Kubernetes cluster."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from homeostat.errors import Refused
from homeostat.paths import repository_root, state_directory
from homeostat.progress import step as shown_step
from infra.cluster.lock import locked
from infra.cluster.provider import ClusterStatus, Provider, default_name, provider
from infra.cluster.step import Step

app = typer.Typer(help="A Kubernetes cluster with everything of the platform in it.", no_args_is_help=True)

ProviderOption = Annotated[
    str | None,
    typer.Option(
        "--provider",
        help="Where the cluster is; not named, it is proxmox in a clone with a cluster.yaml, else local.",
        metavar="NAME",
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Go on without asking.")]


@app.command()
def up(name: ProviderOption = None, *, yes: YesOption = False) -> None:
    """Start the cluster and wait until it works; what already is as it should be is left alone.

    Example: homeostat cluster up --provider local
    """
    chosen, console = _provider(name), _console()
    began = time.monotonic()
    with locked(chosen.lock):
        _run(chosen.preparation(), console)
        proposal = chosen.proposal()
        if proposal.text:
            console.print(proposal.text, markup=False)
        if proposal.asks:
            _agree(yes=yes)
        changed = _run(chosen.start_steps(), console)
    took = f"({time.monotonic() - began:.1f} s)"
    told = "The cluster works" if changed else "The cluster works, and nothing was changed"
    found = chosen.status()
    console.print(f"{told} {took}. Use it with: export KUBECONFIG={escape(str(found.kubeconfig))}")
    for what, address in found.pages:
        console.print(f"  {escape(what):12} {escape(address)}")


@app.command()
def status(
    name: ProviderOption = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
) -> None:
    """Show how each part of the cluster is; exit with 1 when one is not well.

    Example: homeostat cluster status --provider local --json
    """
    found = _provider(name).status()
    if as_json:
        content = {**asdict(found), "healthy": found.healthy, "kubeconfig": str(found.kubeconfig)}
        typer.echo(json.dumps(content))
    elif not found.running:
        typer.echo(
            f"The cluster does not run: start it with 'homeostat cluster up --provider {_name(name)}'."
        )
    else:
        _show(found, _console())
    if not found.healthy:
        raise typer.Exit(1)


@app.command()
def stop(name: ProviderOption = None) -> None:
    """End everything that runs and keep all data, for the next start.

    Example: homeostat cluster stop --provider local
    """
    chosen = _provider(name)
    with locked(chosen.lock):
        changed = _run(chosen.stop_steps(), _console())
    typer.echo("The cluster is stopped." if changed else "The cluster did not run; nothing was changed.")


@app.command()
def down(
    name: ProviderOption = None,
    *,
    confirm: Annotated[
        str | None,
        typer.Option("--confirm", help="The word that is asked for, given at once.", metavar="WORD"),
    ] = None,
) -> None:
    """End everything and remove the cluster with all of its data.

    Example: homeostat cluster down --provider local --confirm down
    """
    chosen = _provider(name)
    removal = chosen.removal()
    typed = confirm or typer.prompt(f"{removal.destroys} Type '{removal.word}' to go on")
    if typed != removal.word:
        raise Refused(f"nothing was removed: '{typed}' is not '{removal.word}'.")
    with locked(chosen.lock):
        changed = _run(chosen.removal_steps(), _console())
    typer.echo("The cluster is removed." if changed else "There was no cluster; nothing was changed.")


def _name(name: str | None) -> str:
    return name or default_name(repository_root())


def _provider(name: str | None) -> Provider:
    root = repository_root()
    return provider(_name(name), root, state_directory(root))


def _agree(*, yes: bool) -> None:
    """Go on only when the person agrees.

    Raises:
        Refused: when they don't, or nobody is there to be asked.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refused("nobody is there to agree to these changes: read them, and start again with --yes.")
    if not typer.confirm("Make these changes?"):
        raise Refused("nothing was changed.")


def _run(steps: Sequence[Step], console: Console) -> bool:
    """Run the steps in order; return whether any of them changed something."""
    changed = False
    for one in steps:
        with shown_step(console, one.title) as shown:
            done = one.run(shown.doing)
            changed = changed or bool(done)
            if done:
                shown.note(_in_short(done))
    return changed


def _in_short(done: Sequence[str]) -> str:
    most = 6
    rest = f" and {len(done) - most} more" if len(done) > most else ""
    return ", ".join(done[:most]) + rest


def _show(found: ClusterStatus, console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("part", "state", "note"):
        table.add_column(column, overflow="fold")
    for part in found.parts:
        state = "[green]well[/green]" if part.healthy else "[red]not well[/red]"
        table.add_row(part.name, state, escape(part.note))
    console.print(table)
    console.print(f"\nkubeconfig  {escape(str(found.kubeconfig))}")
    for what, address in found.pages:
        console.print(f"{escape(what):11} {escape(address)}")
    for sentence in found.left_out:
        console.print(f"left out    {escape(sentence)}")


def _console() -> Console:
    console = Console(highlight=False, soft_wrap=True)
    # off a terminal rich takes 80 columns, which would break paths and reasons
    return console if console.is_terminal else Console(highlight=False, soft_wrap=True, width=160)
