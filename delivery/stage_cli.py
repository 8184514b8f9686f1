"""The subcommands behind the pipeline's Make targets: each does one stage and leaves its verdict."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from delivery.layout import Layout
from delivery.stages import StageOutcome, Verdict, write_verdict
from homeostat.errors import HomeostatError, Refused
from homeostat.paths import repository_root, state_directory

app = typer.Typer()

Results = Annotated[Path, typer.Option(help="Folder that the stages hand to each other.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]

_EXIT = {StageOutcome.REFUSED: Refused.exit_code, StageOutcome.FAILED: HomeostatError.exit_code}


@app.command()
def ct(
    results: Results,
    run: Annotated[str, typer.Option(help="Name of a run to go on with; else it begins anew.")] = "",
    model: Annotated[
        list[str] | None, typer.Option("--model", help="Train this one, whether or not its inputs changed.")
    ] = None,
) -> None:
    """Train, gate and record the models whose inputs changed, or those that are named.

    Example: homeostat delivery ct --results .homeostat/results
    """
    from delivery.steps import Training, changed_models, forget_results  # noqa: PLC0415 - keeps --help fast

    if not run:
        forget_results(results)
    training = Training(repository_root(), results.resolve())
    _as_stage("ct", results, lambda: training.train(model or changed_models()))


@app.command()
def package(results: Results) -> None:
    """Package the models that passed their gates.

    Example: homeostat delivery package --results .homeostat/results
    """
    from delivery.steps import package as package_all  # noqa: PLC0415 - keeps --help fast

    _as_stage("package", results, lambda: package_all(results.resolve(), _bentos()))


@app.command()
def image(results: Results) -> None:
    """Build the images of what was packaged, where a cluster on this machine runs images.

    Example: homeostat delivery image --results .homeostat/results
    """
    from delivery.image_stage import build_images  # noqa: PLC0415 - keeps --help fast
    from delivery.places.chosen import place_of  # noqa: PLC0415

    root = repository_root()
    place = place_of(state_directory(root))
    _as_stage("image", results, lambda: build_images(results.resolve(), _bentos(), root, place, _say))


@app.command()
def handoff(
    results: Results,
    remote: Annotated[str, typer.Option(help="Name, URL or path of the repository to commit to.")] = "origin",
    branch: Annotated[str, typer.Option(help="Branch that is deployed.")] = "main",
    run: Annotated[str, typer.Option(help="Name of the run; a second hand-off by it is none.")] = "",
) -> None:
    """Commit the releases of what passed, as the bot, to the branch that is deployed.

    Example: homeostat delivery handoff --results .homeostat/results --remote .homeostat/forge/homeostat.git
    """
    from delivery.handoff_stage import hand_off_results, remote_of  # noqa: PLC0415 - keeps --help fast

    to = remote_of(repository_root(), remote, branch)
    name = run or _run_name()
    _as_stage("handoff", results, lambda: hand_off_results(results.resolve(), _bentos(), to, name))


@app.command()
def rollout(
    results: Results,
    timeout_seconds: Annotated[float, typer.Option(help="How long to wait for each model.")] = 300.0,
) -> None:
    """Wait until the platform on this machine serves what was handed off.

    Example: homeostat delivery rollout --results .homeostat/results
    """
    from delivery.places.chosen import place_of  # noqa: PLC0415 - keeps --help fast
    from delivery.rollout_stage import await_rollout  # noqa: PLC0415

    place = place_of(state_directory(repository_root()))
    _as_stage("rollout", results, lambda: await_rollout(results.resolve(), place, timeout_seconds, _say))


@app.command()
def check(
    base: Annotated[str, typer.Option(help="Commit to compare with; empty to check everything.")] = "",
    results: Annotated[Path | None, typer.Option(help="Folder for the verdict.")] = None,
    *,
    require_all: Annotated[bool, typer.Option("--require-all", help="A skipped scanner fails.")] = False,
    as_json: Json = False,
) -> None:
    """Check what changed since a commit: lint, types, unit tests and scanners.

    Example: homeostat delivery check --base HEAD~1
    """
    from delivery.checks.catalogue import all_checks  # noqa: PLC0415 - keeps --help fast
    from delivery.checks.report import Report, subject_of  # noqa: PLC0415

    report = Report(require_all=require_all, as_json=as_json)
    _as_stage("checks", results, lambda: report.of(all_checks(), subject_of(base)), quiet=True)


@app.command()
def scan(
    image: Annotated[str | None, typer.Option(help="An image to scan as well.")] = None,
    *,
    require_all: Annotated[bool, typer.Option("--require-all", help="A skipped scanner fails.")] = False,
    as_json: Json = False,
) -> None:
    """Look for weaknesses and secrets; a scanner that is not installed is named.

    Example: homeostat delivery scan --require-all
    """
    from delivery.checks.catalogue import scanners  # noqa: PLC0415 - keeps --help fast
    from delivery.checks.report import Report, subject_of  # noqa: PLC0415

    report = Report(require_all=require_all, as_json=as_json)
    _as_stage("scan", None, lambda: report.of(scanners(), subject_of("", image)), quiet=True)


def _as_stage(name: str, results: Path | None, work: Callable[[], Verdict], *, quiet: bool = False) -> None:
    """Do the work, leave its verdict, and exit with the code that belongs to it."""
    try:
        verdict = work()
    except Refused as refusal:
        verdict = Verdict(outcome=StageOutcome.REFUSED, sentence=str(refusal))
    except HomeostatError as error:
        verdict = Verdict(outcome=StageOutcome.FAILED, sentence=str(error))
    if results is not None:
        write_verdict(results / f"{name}.json", verdict.outcome, verdict.sentence)
    goes_on = verdict.outcome.goes_on
    if not (quiet and goes_on):
        typer.echo(f"{name} {verdict.outcome}: {verdict.sentence}", err=not goes_on)
    if not goes_on:
        sys.exit(_EXIT[verdict.outcome])


def _bentos() -> Path:
    return Layout(state_directory(repository_root())).bentos


def _run_name() -> str:
    """A name for a run that the local runner did not name: GitHub's own, or none to be found again by."""
    run = os.environ.get("GITHUB_RUN_ID")
    return f"github-{run}" if run else f"by-hand-{os.urandom(6).hex()}"


def _say(line: str) -> None:
    typer.echo(line)
