"""The room's subcommands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

if TYPE_CHECKING:
    from serving.client import Answer, Explained

app = typer.Typer(help="The inference service: one for all tabular models.", no_args_is_help=True)


@app.callback()
def room() -> None:
    """Subcommands of this room."""


@app.command()
def predict(
    model: Annotated[str, typer.Argument(help="The model's name, such as phishing_detector.")],
    row: Annotated[
        list[str], typer.Option(help="One row as a JSON object by feature name; repeat for more.")
    ],
    url: Annotated[str | None, typer.Option(help="The server; by default the one that runs here.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Ask a served model for its label and probabilities.

    Example: homeostat serving predict churn --row '{"age": 41, "visits": 3}'
    """
    from serving.client import ask, url_of  # noqa: PLC0415 - keeps 'homeostat --help' fast

    answer = ask(url or url_of(model), model, [_parse(text) for text in row])
    if as_json:
        typer.echo(json.dumps({"model": model, "version": answer.version, "rows": answer.rows}))
    else:
        _print_table(model, answer)


@app.command()
def explain(
    model: Annotated[str, typer.Argument(help="The model's name, such as phishing_detector.")],
    row: Annotated[
        list[str], typer.Option(help="One row as a JSON object by feature name; repeat for more.")
    ],
    url: Annotated[str | None, typer.Option(help="The server; by default the one that runs here.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Ask a served model what each feature contributes to its answer.

    Example: homeostat serving explain churn --row '{"age": 41, "visits": 3}'
    """
    from serving.client import ask_why, url_of  # noqa: PLC0415 - keeps 'homeostat --help' fast

    explained = ask_why(url or url_of(model), model, [_parse(text) for text in row])
    if as_json:
        typer.echo(json.dumps({"model": model, "base_is": explained.base_is, "rows": explained.rows}))
    else:
        _print_contributions(model, explained)


def _parse(text: str) -> dict[str, Any]:
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise typer.BadParameter(f"--row {text!r} is not JSON: {error}.") from None
    if not isinstance(value, dict):
        raise typer.BadParameter(f"--row {text!r} must be an object of features, such as '{{\"age\": 41}}'.")
    return cast("dict[str, Any]", value)


def _print_table(model: str, answer: Answer) -> None:
    from rich.console import Console  # noqa: PLC0415 - keeps 'homeostat --help' fast
    from rich.table import Table  # noqa: PLC0415 - the same

    table = Table(title=f"{model} version {answer.version}")
    for heading in ("row", "label", *(f"p({name})" for name in answer.classes)):
        table.add_column(heading)
    for number, line in enumerate(answer.rows):
        table.add_row(str(number), str(line["label"]), *(f"{value:.4f}" for value in line["probabilities"]))
    Console().print(table)


def _print_contributions(model: str, explained: Explained) -> None:
    from rich.console import Console  # noqa: PLC0415 - keeps 'homeostat --help' fast
    from rich.table import Table  # noqa: PLC0415 - the same

    first = explained.rows[0]
    caption = f"base: {explained.base_is}; output: base and all contributions"
    table = Table(title=f"{model}: contributions in {first['space']}", caption=caption)
    table.add_column("feature")
    for number, line in enumerate(explained.rows):
        table.add_column(f"row {number}: {line['class']}", justify="right")
    # What matters most for the first row comes first.
    for feature in sorted(first["contributions"], key=lambda name: -abs(first["contributions"][name])):
        table.add_row(feature, *(f"{line['contributions'][feature]:+.4f}" for line in explained.rows))
    for total in ("base", "output"):
        table.add_row(total, *(f"{line[total]:+.4f}" for line in explained.rows), style="bold")
    Console().print(table)
