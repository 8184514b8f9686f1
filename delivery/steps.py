"""What the stages ``ct`` and ``package`` do: the harness's commands, model by model.

Each model is a process of its own, so that a model's code can't disturb the next; a model that is done is
marked, so that a stage which was cut off goes on with the others.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from ct.result import PACKAGE_FILE, RESULT_FILE, read_result
from delivery.candidate import objections, result_folders
from delivery.errors import StageFailed
from delivery.stages import StageOutcome, Verdict, read_verdict, write_verdict
from homeostat.errors import Refused
from homeostat.release import Outcome, release_path

_DONE = "trained.json"

#: runs ``homeostat ARGUMENTS`` with its output shown, and returns its exit code
Homeostat = Callable[[Sequence[str]], int]


def homeostat(arguments: Sequence[str]) -> int:
    """Run ``homeostat`` of this checkout in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "homeostat", *arguments], check=False, env=os.environ
    ).returncode


@dataclass(frozen=True, slots=True)
class Training:
    """Trains and gates models of the repository at ``root`` into ``results``."""

    root: Path
    results: Path
    run: Homeostat = homeostat

    def train(self, models: Sequence[str]) -> Verdict:
        """Train every model, and then say whether all may go on: a push is refused or passed as a whole."""
        if not models:
            return Verdict(outcome=StageOutcome.SKIPPED, sentence="no model's inputs changed.")
        verdicts = [self._one(model) for model in models]
        refused = [verdict.sentence for verdict in verdicts if verdict.outcome is StageOutcome.REFUSED]
        if refused:
            return Verdict(outcome=StageOutcome.REFUSED, sentence=" ".join(refused))
        return Verdict(
            outcome=StageOutcome.PASSED, sentence=" ".join(verdict.sentence for verdict in verdicts)
        )

    def _one(self, model: str) -> Verdict:
        folder = self.results / model
        if done := read_verdict(folder / _DONE):
            return done
        (folder / RESULT_FILE).unlink(missing_ok=True)
        command = ["ct", "run", "--model", model, "--out", str(folder)]
        champion = release_path(self.root, model)
        code = self.run([*command, "--champion-release", str(champion)] if champion.exists() else command)
        if code not in (0, Refused.exit_code):
            raise StageFailed(f"training {model} broke with exit code {code}; see the lines above.")
        verdict = self._judged(model, code)
        write_verdict(folder / _DONE, verdict.outcome, verdict.sentence)
        return verdict

    def _judged(self, model: str, code: int) -> Verdict:
        path = self.results / model / RESULT_FILE
        if code and not path.exists():  # the data broke its contract before any gate could judge
            return Verdict(
                outcome=StageOutcome.REFUSED, sentence=f"{model} was refused; see the lines above."
            )
        result = read_result(path)
        reasons = objections(result.gates)
        if reasons or code:
            told = " ".join(reasons) or "see the lines above."
            return Verdict(outcome=StageOutcome.REFUSED, sentence=f"{model} was refused: {told}")
        passed = sum(gate.outcome is Outcome.PASSED for gate in result.gates)
        sentence = f"{model} {result.version} passed {passed} of {len(result.gates)} gates; none objected."
        return Verdict(outcome=StageOutcome.PASSED, sentence=sentence)


def forget_results(results: Path) -> None:
    """Remove what another run trained, so that nothing of it is taken for this one's."""
    for folder in {path.parent for name in (RESULT_FILE, _DONE) for path in results.glob(f"*/{name}")}:
        shutil.rmtree(folder)


def package(results: Path, bentos: Path, run: Homeostat = homeostat) -> Verdict:
    """Package every model that passed.

    Raises:
        StageFailed: when packaging breaks.
    """
    folders = result_folders(results)
    if not folders:
        return Verdict(outcome=StageOutcome.SKIPPED, sentence="no model was trained.")
    for folder in folders:
        if code := run(["ct", "package", "--result", str(folder / RESULT_FILE), "--store", str(bentos)]):
            raise StageFailed(f"packaging {folder.name} broke with exit code {code}; see the lines above.")
        if not (folder / PACKAGE_FILE).exists():
            raise StageFailed(f"packaging {folder.name} left no {PACKAGE_FILE}.")
    names = " and ".join(folder.name for folder in folders)
    return Verdict(outcome=StageOutcome.PASSED, sentence=f"{names} packaged.")


def changed_models() -> list[str]:
    """The models of this checkout whose inputs differ from those of their release.

    Raises:
        StageFailed: when the harness can't tell.
    """
    argv = [sys.executable, "-m", "homeostat", "ct", "changed", "--json"]
    done = subprocess.run(argv, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise StageFailed("which models changed can't be told; see the lines above.")
    found = json.loads(done.stdout)
    for change in found:
        typer.echo(f"{change['model']}: {change['reason']}")
    return [str(change["model"]) for change in found]
