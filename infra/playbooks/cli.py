"""``homeostat hosts``: what is done to the machines of ``cluster.yaml`` once they exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from homeostat.errors import Refused
from homeostat.paths import repository_root, state_directory
from homeostat.progress import step
from infra.cluster.lock import locked
from infra.definition import place
from infra.definition.document import Definition
from infra.definition.load import FILE_NAME, load_definition
from infra.playbooks import showing
from infra.playbooks.command import Mode, Run
from infra.playbooks.running import perform
from infra.playbooks.secrets import secrets_of

app = typer.Typer(help="The machines of cluster.yaml: K3s on them, and their day 2.", no_args_is_help=True)

DefinitionOption = Annotated[
    Path | None, typer.Option("--definition", help=f"Instead of {FILE_NAME}.", dir_okay=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="For a machine to read.")]
CheckOption = Annotated[bool, typer.Option("--check", help="Only tell what would change, with differences.")]
LimitOption = Annotated[str | None, typer.Option("--limit", help="These hosts alone.", metavar="HOST,...")]
ConfirmOption = Annotated[
    str | None, typer.Option("--confirm", help="The cluster's name, instead of being asked.", metavar="NAME")
]
NodeArgument = Annotated[str, typer.Argument(help="A node's name.", metavar="NODE")]


@dataclass(frozen=True, slots=True)
class _Wish:
    """What all commands share."""

    title: str
    playbook: str
    definition: Path | None
    as_json: bool
    extra: Mapping[str, Any]
    limit: str | None = None
    check: bool = False
    secrets: Mapping[str, str] | None = None


@app.command()
def site(
    definition: DefinitionOption = None,
    limit: LimitOption = None,
    *,
    check: CheckOption = False,
    as_json: JsonOption = False,
) -> None:
    """Bring every machine to what the file says; what already is so is left alone.

    Example: homeostat hosts site --check
    """
    _perform(_Wish("set up the hosts", "site", definition, as_json, {}, limit, check))


@app.command()
def upgrade(
    definition: DefinitionOption = None, *, check: CheckOption = False, as_json: JsonOption = False
) -> None:
    """Bring K3s to the file's version: a snapshot first, then one node at a time, servers before agents.

    A run that was interrupted goes on where it was when it is started again.

    Example: homeostat hosts upgrade
    """
    _perform(_Wish("upgrade K3s", "upgrade", definition, as_json, {}, check=check))


@app.command()
def backup(
    definition: DefinitionOption = None,
    fetch: Annotated[
        Path | None, typer.Option("--fetch", help="A folder here that gets a copy.", file_okay=False)
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Take a backup now: a snapshot of etcd and the token that it is worthless without, in one checked file.

    Example: homeostat hosts backup --fetch ~/backups
    """
    extra = {"backup_fetch_to": str(fetch.expanduser().resolve())} if fetch else {}
    _perform(_Wish("back up the cluster", "backup", definition, as_json, extra))


@app.command()
def restore(
    bundle: Annotated[
        Path, typer.Argument(help="A file that 'hosts backup' made.", exists=True, dir_okay=False)
    ],
    definition: DefinitionOption = None,
    confirm: ConfirmOption = None,
    limit: LimitOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Bring the cluster back to a backup; all that happened after it is gone.

    Example: homeostat hosts restore ~/backups/home-server-1-20260102T030405Z.tar.gz
    """
    loaded = _loaded(definition)
    word = _confirmed(loaded, confirm, f"The cluster goes back to {bundle.name}; all since is lost.")
    extra = {"confirm": word, "k3s_restore_bundle": str(bundle.resolve())}
    _perform(_Wish("restore the cluster", "restore", definition, as_json, extra, limit))


@app.command(name="rotate-certificates")
def rotate_certificates(
    definition: DefinitionOption = None,
    *,
    token: Annotated[
        bool,
        typer.Option("--token", help="The servers' token too; K3s makes the new one."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Renew K3s' certificates, one node at a time; tells when they end, before and after.

    The administrator's kubeconfig holds one too: 'homeostat cluster up --provider proxmox' fetches it anew.

    Example: homeostat hosts rotate-certificates --token
    """
    extra = {"certificates_rotate_token": token}
    _perform(_Wish("rotate the certificates", "rotate_certificates", definition, as_json, extra))


@app.command()
def maintain(
    node: NodeArgument,
    definition: DefinitionOption = None,
    *,
    updates: Annotated[bool, typer.Option(help="Install the distribution's updates first.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Empty a node, update and reboot it, and let it work again; refused when etcd would lose its quorum.

    Example: homeostat hosts maintain agent-1
    """
    extra = {"node_maintenance_node": _known(_loaded(definition), node), "node_maintenance_updates": updates}
    _perform(_Wish(f"maintain {node}", "maintain", definition, as_json, extra))


@app.command()
def remove(
    node: NodeArgument,
    definition: DefinitionOption = None,
    confirm: ConfirmOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Take a node that is no longer in the file out of the cluster, and K3s off its machine.

    Example: homeostat hosts remove agent-2
    """
    word = _confirmed(_loaded(definition), confirm, f"{node} leaves the cluster with its pods.")
    extra = {"node": node, "confirm": word}
    _perform(_Wish(f"remove {node}", "remove_node", definition, as_json, extra))


@app.command()
def reset(
    definition: DefinitionOption = None, confirm: ConfirmOption = None, *, as_json: JsonOption = False
) -> None:
    """Remove K3s and all data of the cluster from every machine.

    Example: homeostat hosts reset
    """
    word = _confirmed(_loaded(definition), confirm, "The cluster and all its data go; the machines stay.")
    _perform(_Wish("reset the hosts", "reset", definition, as_json, {"confirm": word}))


def _perform(wish: _Wish) -> None:
    root = repository_root()
    state, path = state_directory(root), wish.definition or root / FILE_NAME
    console = Console(stderr=wish.as_json, highlight=False, soft_wrap=True)
    run = Run(
        wish.playbook,
        path,
        wish.extra,
        wish.limit,
        Mode.CHECK if wish.check else Mode.APPLY,
        secrets_of(load_definition(path), root),
    )
    with locked(place.lock(state)), step(console, wish.title) as shown:
        recap = perform(run, root, state, shown.doing)
    if wish.as_json:
        typer.echo(showing.as_json(recap))
    else:
        showing.show(recap, console)


def _loaded(path: Path | None) -> Definition:
    return load_definition(path or repository_root() / FILE_NAME)


def _known(definition: Definition, node: str) -> str:
    names = [known.name for known in definition.nodes]
    if node not in names:
        raise Refused(f"NODE is '{node}', which the file does not name: choose one of {', '.join(names)}.")
    return node


def _confirmed(definition: Definition, given: str | None, what: str) -> str:
    """The cluster's name as the person typed it."""
    word = given if given is not None else typer.prompt(f"{what} Type '{definition.name}' to go on")
    if word != definition.name:
        raise Refused(f"nothing was changed: '{word}' is not the cluster's name, '{definition.name}'.")
    return word
