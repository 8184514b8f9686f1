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


@app.callback()
def begin() -> None:
    """Warnings of a command go beside what it prints, never into it."""
    from homeostat.log import log_to_standard_error  # noqa: PLC0415 - keeps 'homeostat --help' fast

    log_to_standard_error()


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
    html: Annotated[Path | None, typer.Option(help="A file to write the report to, as one page.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the report of one incident as Markdown, or write it as a page.

    Example: homeostat triage show 20260102-030405-1f2e3d4c --html report.html
    """
    from triage.reading import details, markdown, write_page  # noqa: PLC0415 - keeps 'homeostat --help' fast

    if html:
        write_page(url, incident, html)
        typer.echo(f"wrote {html}")
        return
    if as_json:
        typer.echo(json.dumps(details(url, incident), indent=2))
        return
    typer.echo(markdown(url, incident), nl=False)


@app.command()
def feedback(
    incident: Annotated[str, typer.Argument(help="An incident as 'list' names it.")],
    *,
    right: Annotated[bool, typer.Option("--right", help="The report names the cause.")] = False,
    wrong: Annotated[bool, typer.Option("--wrong", help="It does not.")] = False,
    cause: Annotated[str | None, typer.Option(help="The kind of cause that it was.")] = None,
    note: Annotated[str, typer.Option(help="What it was, and what helped.")] = "",
    url: UrlOption = None,
) -> None:
    """Say whether a report was right; it is kept, shown on its page, and counted in the evaluation.

    Example: homeostat triage feedback 20260102-030405-1f2e3d4c --wrong --cause disk-full
    """
    from triage.judging import judge  # noqa: PLC0415 - keeps 'homeostat --help' fast

    if right is wrong:
        raise typer.BadParameter("say either --right or --wrong.")
    given = judge(url, incident, "right" if right else "wrong", cause, note)
    typer.echo(f"{given.incident_id}: {given.verdict}" + (f", it was {given.cause}" if given.cause else ""))


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


@app.command("workflow-run")
def workflow_run(
    repository: Annotated[str, typer.Option(help="OWNER/NAME, as GitHub calls it.")],
    run_id: Annotated[int, typer.Option(help="The run's id, as its address ends.", min=1)],
    *,
    attempt: Annotated[int | None, typer.Option(help="Which attempt; else the latest.", min=1)] = None,
    url: Annotated[str | None, typer.Option(help="GitHub's API, for GitHub Enterprise.")] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="Also comment, and open an issue where the routes say so.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Diagnose a run of GitHub Actions that failed; nothing is stored. GITHUB_TOKEN is the token.

    Example: homeostat triage workflow-run --repository acme/shop --run-id 19846230551
    """
    from triage.workflow_run import (  # noqa: PLC0415 - keeps 'homeostat --help' fast
        FailedRun,
        connection_of,
        diagnose_run,
    )
    from triage.workflow_run import publish as publish_report  # noqa: PLC0415 - likewise

    connection = connection_of(url=url)
    diagnosed = diagnose_run(FailedRun(repository, run_id, attempt), connection)
    content: dict[str, Any] = diagnosed.report.model_dump(mode="json")
    typer.echo(json.dumps(content, indent=2) if as_json else diagnosed.markdown, nl=as_json)
    if publish:
        for told in publish_report(diagnosed, connection, repository):
            typer.echo(told, err=True)


@app.command()
def outbox(*, as_json: JsonOption = False) -> None:
    """List what destinations show or are to show of each incident; what was given up comes first.

    Example: homeostat triage outbox
    """
    from triage.destinations.inspection import listed  # noqa: PLC0415 - keeps 'homeostat --help' fast

    found = listed()
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    if not found:
        typer.echo("nothing was to be shown so far")
        return
    table = Table("id", Column("incident", no_wrap=True), "destination", "state", "attempts", "error")
    table.columns[-1].overflow = "fold"
    for one in found:
        shown = (
            one["id"],
            one["incident"],
            one["destination"],
            one["state"],
            one["attempts"],
            one["error"] or "",
        )
        table.add_row(*(escape(str(value)) for value in shown))
    Console().print(table)


@app.command()
def resend(
    delivery: Annotated[int, typer.Argument(help="A delivery as 'outbox' numbers it.")],
    *,
    anew: Annotated[
        bool, typer.Option("--anew", help="Post it anew: you have looked, and there is no post.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Send one delivery as soon as triage gets to it; what is shown already is edited, not posted twice.

    Example: homeostat triage resend 12
    """
    from triage.destinations.inspection import posted_anew, sent_again  # noqa: PLC0415 - likewise

    told = posted_anew(delivery) if anew else sent_again(delivery)
    if as_json:
        typer.echo(json.dumps(told, indent=2))
        return
    typer.echo(f"delivery {told['id']} of {told['incident']} to {told['destination']} is {told['state']}")


@app.command()
def drift(
    event: Annotated[Path, typer.Option(help="A drift event, as JSON or YAML.")],
    *,
    mlflow: Annotated[str | None, typer.Option(help="MLflow's address, to compare runs.")] = None,
    forge: Annotated[Path | None, typer.Option(help="A bare repository with the releases.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Assess the statistics of one drift event by hand; nothing is stored, sent or retrained.

    Example: homeostat triage drift --event event.json
    """
    from triage.drift.by_hand import assess_event  # noqa: PLC0415 - keeps 'homeostat --help' fast

    report, markdown = assess_event(event, mlflow, forge)
    typer.echo(json.dumps(report.model_dump(mode="json"), indent=2) if as_json else markdown, nl=as_json)


@app.command()
def evaluate(
    scenarios: Annotated[
        Path, typer.Argument(help="A folder with scenarios: alert, evidence and truth each.")
    ] = Path("tests/scenarios/triage"),
    *,
    write: Annotated[Path | None, typer.Option(help="A Markdown file to put the tables into.")] = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Score the reports on incidents whose causes are known; fail when a target is missed.

    Beside them stands what readers said of this site's reports, or of those of the service at --url.

    Example: homeostat triage evaluate tests/scenarios/triage/seen
    """
    from triage.evaluation.command import evaluated  # noqa: PLC0415 - keeps 'homeostat --help' fast

    evaluated(scenarios, write, url, as_json=as_json)


DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database", help="A database's URL; without it TRIAGE_DATABASE_URL, else this site's database."
    ),
]


@app.command()
def dead(*, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """List the jobs that failed as often as they may, and why.

    Example: homeostat triage dead
    """
    from triage.queue.letters import dead_letters  # noqa: PLC0415 - keeps 'homeostat --help' fast

    found = dead_letters(database)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    if not found:
        typer.echo("no job was given up")
        return
    table = Table(Column("id", no_wrap=True), Column("incident", no_wrap=True), "attempts", "reason")
    table.columns[-1].overflow = "fold"
    for one in found:
        table.add_row(*(escape(str(one[key])) for key in ("id", "incident", "attempts", "reason")))
    Console().print(table)


@app.command()
def requeue(
    ids: Annotated[list[int] | None, typer.Argument(help="Jobs as 'dead' names them.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every job that was given up.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Give jobs that were given up all their attempts again.

    Example: homeostat triage requeue 17
    """
    from triage.queue.letters import requeue as again  # noqa: PLC0415 - keeps 'homeostat --help' fast

    if bool(ids) is every:
        raise typer.BadParameter("name the jobs, or say --all.")
    count = again(database, None if every else ids)
    typer.echo(f"{count} {'job waits' if count == 1 else 'jobs wait'} again")
