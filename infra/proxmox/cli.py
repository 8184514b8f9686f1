"""``homeostat proxmox``: the machines of ``cluster.yaml``, planned, made, removed, and watched."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from homeostat.errors import ConfigError, HomeostatError, Refused
from homeostat.paths import repository_root, state_directory
from infra.cluster.lock import locked
from infra.definition import place
from infra.definition.document import Definition
from infra.definition.load import FILE_NAME, load_definition

if TYPE_CHECKING:
    from rich.console import Console

    from infra.proxmox.api.session import Session
    from infra.proxmox.apply.apply import Manner
    from infra.proxmox.apply.outcome import Outcome
    from infra.proxmox.plan.actions import Plan

app = typer.Typer(help="Virtual machines in Proxmox, as cluster.yaml describes them.", no_args_is_help=True)

FileOption = Annotated[
    Path | None, typer.Option("--file", help=f"Instead of {FILE_NAME} in the repository.", metavar="PATH")
]
JsonOption = Annotated[bool, typer.Option("--json", help="For a machine to read.")]
#: of 'plan' and 'drift': something differs (as terraform's -detailed-exitcode)
_DIFFERS = 2


class MistakesInFile(HomeostatError):  # noqa: N818 - what was found
    """The mistakes of a ConfigError, where its exit code would say that something differs."""


@dataclass(frozen=True, slots=True)
class _Opened:
    definition: Definition
    session: Session
    state: Path

    @property
    def lock(self) -> Path:
        """Held by whoever changes the machines, or the hosts in them."""
        return place.lock(self.state)

    @property
    def journal(self) -> Path:
        from infra.proxmox.drift.journal import journal_path  # noqa: PLC0415 - see _open

        return journal_path(self.state, self.definition.name)


@app.command("plan")
def plan_command(file: FileOption = None, *, as_json: JsonOption = False) -> None:
    """Show what 'apply' would do; nothing is changed.

    Exits with 0 when there is nothing to do, 2 when there is, 1 when it failed or cluster.yaml has mistakes,
    3 when Proxmox can't have what cluster.yaml wants.

    Example: homeostat proxmox plan --json
    """
    from infra.proxmox.display import console, show_plan  # noqa: PLC0415 - see _open
    from infra.proxmox.plan.rendering import document  # noqa: PLC0415 - see _open

    with _mistakes_apart_from_differences(), _open(file) as opened:
        found = _plan(opened)
    if as_json:
        typer.echo(json.dumps(document(found)))
    else:
        show_plan(found, console())
    if not found.empty:
        raise typer.Exit(_DIFFERS)


@app.command("apply")
def apply_command(
    file: FileOption = None,
    *,
    restart: Annotated[
        bool, typer.Option("--restart", help="Restart machines, one at a time, whose changes wait for it.")
    ] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove machines of the cluster that left the file.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    parallel: Annotated[
        int, typer.Option(min=1, max=32, help="Disks copied at a time on one storage.", metavar="N")
    ] = 5,
    wait_seconds: Annotated[
        float, typer.Option(min=0, help="How long a machine may boot until SSH answers; 0 does not wait.")
    ] = 300.0,
) -> None:
    """Make the machines as cluster.yaml says; what is so already is left alone, and it can be run again.

    Exits with 0 when all is done, 1 when a machine failed (the others are done), 2 when cluster.yaml has
    mistakes, 3 when it was refused, 130 when it was interrupted.

    Example: homeostat proxmox apply --yes --restart
    """
    from infra.proxmox.apply.apply import Manner  # noqa: PLC0415 - see _open
    from infra.proxmox.apply.reachable import assume_it_answers, ssh_answers  # noqa: PLC0415 - see _open
    from infra.proxmox.display import console, show_plan  # noqa: PLC0415 - see _open
    from infra.proxmox.plan.actions import Kind  # noqa: PLC0415 - see _open

    shown = console()
    wished = {Kind.RESTART: restart, Kind.REMOVE: remove}
    wishes = frozenset(kind for kind, is_wished in wished.items() if is_wished)
    manner = Manner(
        wishes, parallel, ssh_answers if wait_seconds else assume_it_answers, reachable_seconds=wait_seconds
    )
    with _open(file) as opened, locked(opened.lock):
        found = _plan(opened)
        show_plan(found, shown)
        if found.has_work(wishes):
            _ask(yes=yes)
        elif not found.refused:
            return
        outcome = _apply(found, opened, manner, shown)
    _end(outcome, shown)


@app.command("destroy")
def destroy_command(
    file: FileOption = None,
    node: Annotated[
        str | None, typer.Option("--node", help="Only this machine of the cluster.", metavar="NAME")
    ] = None,
    confirm: Annotated[
        str | None,
        typer.Option("--confirm", help="The cluster's name, instead of typing it.", metavar="NAME"),
    ] = None,
    *,
    template: Annotated[bool, typer.Option("--template", help="The template as well.")] = False,
) -> None:
    """Stop and delete the cluster's machines with their disks: only those that carry its tags.

    Exits with 0 when all are gone, 1 when one failed, 3 when it was refused or not confirmed.

    Example: homeostat proxmox destroy --node agent-2 --confirm home
    """
    from infra.proxmox.destroy import destroy, targets  # noqa: PLC0415 - see _open
    from infra.proxmox.display import console, progress  # noqa: PLC0415 - see _open

    shown = console()
    with _open(file) as opened, locked(opened.lock):
        chosen = targets(opened.definition, opened.session, node, with_template=template)
        for sentence in chosen.left_alone:
            shown.print(f"note: {sentence}")
        doomed = [*chosen.machines, *([chosen.template] if chosen.template else [])]
        if not doomed:
            shown.print(f"There are no machines of cluster {opened.definition.name}; nothing was changed.")
            return
        for machine in doomed:
            shown.print(f"- {machine.name} ({machine.vmid}) on {machine.host}, with its disks and snapshots")
        _confirm(opened.definition.name, confirm)
        with progress(shown) as tell:
            outcome = destroy(chosen, opened.definition, opened.session, tell)
    _end(outcome, shown)


@app.command("drift")
def drift_command(file: FileOption = None, *, as_json: JsonOption = False) -> None:
    """Tell what differs from cluster.yaml, and between which two checks each difference came to be.

    Each check is written down, so run it regularly: the oftener, the narrower. Exits with 0 when nothing
    differs, 2 when something does, 1 when it failed or cluster.yaml has mistakes.

    Example: homeostat proxmox drift --json
    """
    from infra.proxmox.display import console, show_drift  # noqa: PLC0415 - see _open
    from infra.proxmox.drift.check import check  # noqa: PLC0415 - see _open

    with _mistakes_apart_from_differences(), _open(file) as opened:
        report = check(opened.definition, opened.session, opened.journal)
    if as_json:
        typer.echo(json.dumps(report.document()))
    else:
        show_drift(report, console())
    if report.drifts:
        raise typer.Exit(_DIFFERS)


@contextmanager
def _open(file: Path | None) -> Generator[_Opened]:
    """The composition root; its imports are half a second that 'homeostat --help' need not pay."""
    from infra.proxmox.api.session import Session  # noqa: PLC0415
    from infra.secret_store.store import Secrets  # noqa: PLC0415

    root = repository_root()
    definition = load_definition(file or root / FILE_NAME)
    secret = Secrets.open(root, os.environ).get("proxmox_token").get_secret_value()
    with Session.open(definition.proxmox, secret) as session:
        yield _Opened(definition, session, state_directory(root))


def _plan(opened: _Opened) -> Plan:
    from infra.proxmox.planning import plan  # noqa: PLC0415 - see _open

    return plan(opened.definition, opened.session, lambda text: typer.echo(text, err=True))


def _apply(plan: Plan, opened: _Opened, manner: Manner, shown: Console) -> Outcome:
    from infra.proxmox.apply.apply import apply  # noqa: PLC0415 - see _open
    from infra.proxmox.display import progress  # noqa: PLC0415 - see _open
    from infra.proxmox.drift.check import check  # noqa: PLC0415 - see _open

    with progress(shown) as tell:
        outcome = apply(plan, opened.definition, opened.session, tell, manner)
    # so that our own changes are not taken for drift
    check(opened.definition, opened.session, opened.journal)
    return outcome


def _end(outcome: Outcome, shown: Console) -> None:
    from infra.proxmox.display import show_outcome  # noqa: PLC0415 - see _open

    show_outcome(outcome, shown)
    if outcome.interrupted:
        raise typer.Exit(130)
    if outcome.failures:
        raise typer.Exit(1)


def _ask(*, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refused("nothing was changed: say --yes where nobody can be asked.")
    if not typer.confirm("Do it?"):
        raise Refused("nothing was changed.")


def _confirm(name: str, given: str | None) -> None:
    if given is None and not sys.stdin.isatty():
        raise Refused(f"nothing was removed: say --confirm {name} where nobody can be asked.")
    typed = given if given is not None else typer.prompt(f"Type the cluster's name ({name}) to remove them")
    if typed != name:
        raise Refused(f"nothing was removed: '{typed}' is not the cluster's name, '{name}'.")


@contextmanager
def _mistakes_apart_from_differences() -> Generator[None]:
    try:
        yield
    except ConfigError as error:
        raise MistakesInFile(str(error)) from None
