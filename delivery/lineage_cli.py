"""``homeostat lineage MODEL``: walk back from what serves to what it was made from."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from delivery.layout import Layout
from delivery.lineage import Link, Standing, trace
from homeostat.paths import repository_root, state_directory

app = typer.Typer(add_completion=False)

_COLOURS = {Standing.VERIFIED: "green", Standing.BROKEN: "red", Standing.UNKNOWN: "yellow"}


@app.command()
def lineage(
    model: Annotated[str, typer.Argument(help="Name of the model.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Walk back from a served model to its hand-off, gates, run, data and source; exits 1 on a broken link.

    Example: homeostat lineage phishing_detector
    """
    from delivery.lineage_sources import history, sources  # noqa: PLC0415 - keeps --help fast

    root = repository_root()
    layout = Layout(state_directory(root))
    past = history(layout, root)
    links = tuple(trace(past.release(model), sources(layout, past)))
    if as_json:
        typer.echo(json.dumps({"model": model, "links": [asdict(link) for link in links]}, indent=2))
    else:
        _show(links)
    if any(link.standing is Standing.BROKEN for link in links):
        sys.exit(1)


def _show(links: tuple[Link, ...]) -> None:
    table = Table("", "what", "", "how it is known", box=None)
    for link in links:
        colour = _COLOURS[link.standing]
        table.add_row(link.name, link.value, f"[{colour}]{link.standing}[/{colour}]", link.sentence)
    Console(width=None if sys.stdout.isatty() else 240).print(table)
