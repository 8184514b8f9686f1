"""The stage ``handoff``: from a run's results to git and the registry's alias."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from delivery.candidate import read_candidate, result_folders
from delivery.errors import HandOffRefused, StageFailed
from delivery.git import Git
from delivery.handoff import HandOff, Remote, hand_off
from delivery.landed import Landed, write_landed
from delivery.stages import StageOutcome, Verdict, read_verdict
from homeostat.errors import HomeostatError
from homeostat.paths import repository_root

#: sets the registry's alias ``champion`` to a version of a model
Promote = Callable[[str, int], None]


def promote(model: str, version: int) -> None:
    """Set the alias in MLflow."""
    from ct.cli import tracking_uri  # noqa: PLC0415 - MLflow takes seconds to import
    from ct.recording.registry import connect  # noqa: PLC0415

    connect(tracking_uri(repository_root())).promote(model, version)


def remote_of(root: Path, remote: str, branch: str) -> Remote:
    """The remote by its name in the checkout at ``root``, else by URL or path."""
    named = Git(root).attempt("remote", "get-url", remote)
    return Remote(named.stdout.strip() if named.returncode == 0 else remote, branch)


def hand_off_results(
    results: Path, store: Path, remote: Remote, run: str, promote: Promote = promote
) -> Verdict:
    """Hand off everything in ``results``, and point the alias at what landed.

    Raises:
        HandOffRefused: when anything in it may not reach traffic; then nothing of it does.
    """
    _require_passed(results)
    releases = [read_candidate(folder, store) for folder in result_folders(results)]
    done = hand_off(releases, remote, run)
    write_landed(results, Landed(commit=done.commit, releases=done.releases))
    _promote(done, promote)
    outcome = StageOutcome.PASSED if done.commit else StageOutcome.SKIPPED
    return Verdict(outcome=outcome, sentence=done.sentence)


def _require_passed(results: Path) -> None:
    """A model that was refused may have left no result at all, so its verdict counts too."""
    said = read_verdict(results / "ct.json")
    if said and not said.outcome.goes_on:
        raise HandOffRefused(f"nothing is handed off: {said.sentence}")


def _promote(done: HandOff, promote: Promote) -> None:
    for release in done.releases:
        try:
            promote(release.model, release.version)
        except HomeostatError as error:
            raise StageFailed(
                f"{release.model} {release.version} is handed off, but MLflow's alias is not set: {error}"
            ) from error
