"""``homeostat ct``: the composition root of training."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ct.errors import GateRefused
from homeostat.paths import repository_root, state_directory
from homeostat.release import release_path

TRACKING_VARIABLE = "MLFLOW_TRACKING_URI"

app = typer.Typer(
    help="Continuous training: from a model's folder to a judged, recorded, packaged candidate.",
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]


@app.command()
def run(
    *,
    model: Annotated[str, typer.Option("--model", help="The folder below model-source/.")],
    out: Annotated[Path, typer.Option("--out", help="Where result.json and the bundle are written.")],
    champion_release: Annotated[
        Path | None,
        typer.Option("--champion-release", help="The served release [default: that of this checkout]."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Train MODEL, judge it by the gates and record it in MLflow; exit 3 when a gate refuses.

    MLFLOW_TRACKING_URI names the server; without it, a database under .homeostat/ is used.

    Example: homeostat ct run --model phishing_detector --out /tmp/candidate
    """
    from ct.recording.registry import connect  # noqa: PLC0415 - --help must stay fast
    from ct.run import run as train_and_record  # noqa: PLC0415 - --help must stay fast
    from ct.tables import print_run  # noqa: PLC0415 - --help must stay fast

    root = repository_root()
    served = champion_release or release_path(root, model)
    if champion_release is None and not served.is_file():
        served = None
    finished = train_and_record(root, model, out, served, connect(tracking_uri(root)), _progress())
    if as_json:
        typer.echo(finished.result.model_dump_json(indent=2))
    else:
        print_run(finished, Console())
    if refusals := finished.result.refusals:
        raise GateRefused(model, [gate.sentence for gate in refusals])


@app.command()
def changed(*, as_json: Json = False) -> None:
    """List the models whose code, data or shared parts differ from what their release was trained on.

    Example: homeostat ct changed --json
    """
    from ct.changed import changed_models  # noqa: PLC0415 - --help must stay fast

    found = changed_models(repository_root())
    if as_json:
        typer.echo(json.dumps([{"model": change.model, "reason": change.reason} for change in found]))
        return
    for change in found:
        typer.echo(f"{change.model}: {change.reason}")
    if not found:
        typer.echo("Nothing changed: every model's inputs are those of its release.")


@app.command()
def check(model: Annotated[str, typer.Argument(help="The folder below model-source/.")]) -> None:
    """Validate MODEL's model.yaml and hold its data against the contract, without training.

    Example: homeostat ct check phishing_detector
    """
    from ct.data.rows import checked_rows  # noqa: PLC0415 - --help must stay fast
    from ct.spec import find_spec  # noqa: PLC0415 - --help must stay fast

    root = repository_root()
    rows, data_sha256 = checked_rows(find_spec(root, model), root)
    typer.echo(
        f"{model}: {len(rows.train)} rows to train on, {len(rows.test)} to test on, data {data_sha256}"
    )


@app.command()
def package(
    *,
    result: Annotated[Path, typer.Option("--result", help="The result.json of a run.")],
    store: Annotated[Path, typer.Option("--store", help="The folder of packaged bentos.")],
    as_json: Json = False,
) -> None:
    """Package the candidate of a run as a bento named by its digest; write package.json beside RESULT.

    Example: homeostat ct package --result /tmp/candidate/result.json --store .homeostat/store/bentos
    """
    from ct.package import package_candidate  # noqa: PLC0415 - --help must stay fast

    packaged = package_candidate(result, store, repository_root())
    shown = packaged.model_dump_json(indent=2) if as_json else f"bento {packaged.bento_digest}"
    typer.echo(shown)


@app.command()
def promote(*, release: Annotated[Path, typer.Option("--release", help="A release.yaml.")]) -> None:
    """Let the registry's alias ``champion`` name the version that RELEASE names; git stays the truth.

    Example: homeostat ct promote --release manifests/models/phishing_detector/release.yaml
    """
    from ct.recording.registry import connect  # noqa: PLC0415 - --help must stay fast
    from homeostat.release import read_release  # noqa: PLC0415 - beside its use

    served = read_release(release)
    connect(tracking_uri(repository_root())).promote(served.model, served.version)
    typer.echo(f"{served.model} version {served.version} is the champion")


def tracking_uri(root: Path) -> str:
    """The tracking server that the environment names, or a database of this clone."""
    if given := os.environ.get(TRACKING_VARIABLE):
        return given
    folder = state_directory(root) / "mlflow"
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'mlflow.db'}"


def _progress() -> Console:
    """Progress goes to standard error, so that ``--json`` stays alone on standard output."""
    return Console(stderr=True)
