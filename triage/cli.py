"""``homeostat triage``: read incidents and reports, or diagnose an alert by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

app = typer.Typer(
    help="From an alert to one report that a person can trust: queue, evidence, analysts, report.",
    no_args_is_help=True,
    add_completion=False,
)

JsonOption = Annotated[bool, typer.Option("--json", help="Print what a program reads.")]
UrlOption = Annotated[
    str | None,
    typer.Option("--url", help="A triage service to ask; without it this site's database is read."),
]


@app.command("list")
def list_incidents(*, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """List the latest incidents, newest first.

    Example: homeostat triage list
    """
    from triage.reading import incidents  # noqa: PLC0415 - keeps 'homeostat --help' fast

    found = incidents(url)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    if not found:
        typer.echo("no incident so far")
        return
    # the id begins with the time; a person copies it into 'show', so it is never cut off
    table = Table(Column("incident", no_wrap=True), "status", "alert", "about")
    for column in table.columns[1:]:
        column.overflow = "fold"
    for one in found:
        table.add_row(*(escape(str(one[key])) for key in ("id", "status", "alertname", "subject")))
    Console().print(table)


@app.command()
def show(
    incident: Annotated[str, typer.Argument(help="An incident as 'list' names it.")],
    *,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the report of one incident as Markdown.

    Example: homeostat triage show 20260102-030405-1f2e3d4c
    """
    from triage.reading import details, markdown  # noqa: PLC0415 - keeps 'homeostat --help' fast

    if as_json:
        typer.echo(json.dumps(details(url, incident), indent=2))
        return
    typer.echo(markdown(url, incident), nl=False)


@app.command()
def run(
    alert: Annotated[Path, typer.Option(help="An Alertmanager webhook payload, as JSON or YAML.")],
    *,
    evidence: Annotated[
        Path | None, typer.Option(help="A folder of text files: describe, logs, events, metrics, diffs, ...")
    ] = None,
    logs: Annotated[Path | None, typer.Option(help="A folder with <service>.log files.")] = None,
    forge: Annotated[Path | None, typer.Option(help="A bare repository with the releases.")] = None,
    prometheus: Annotated[str | None, typer.Option(help="Prometheus's address.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Diagnose one alert by hand, from the sources that are given; nothing is stored.

    Example: homeostat triage run --alert alert.json --evidence saved
    """
    from triage.by_hand import Sources, diagnose  # noqa: PLC0415 - keeps 'homeostat --help' fast

    sources = Sources(evidence=evidence, logs=logs, forge=forge, prometheus_url=prometheus)
    report, markdown = diagnose(alert, sources)
    content: dict[str, Any] = report.model_dump(mode="json")
    typer.echo(json.dumps(content, indent=2) if as_json else markdown, nl=as_json)
