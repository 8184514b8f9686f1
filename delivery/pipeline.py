"""A run of the pipeline: one commit through its stages, resumable after a kill at any instruction.

What makes it so: a stage that ended has a marker, written whole or not at all, and is not run again; a stage
that was cut off leaves no marker and runs from its beginning; and every stage can be run twice to the effect
of once (the hand-off finds its own commit by the run's name).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from delivery.checkout import check_out
from delivery.environment import environment_for
from delivery.git import neutral_environment
from delivery.layout import Layout, RunFolder
from delivery.run_log import RunLog
from delivery.stage_process import TOOK_TOO_LONG, run_logged
from delivery.stages import STAGES, Stage, StageOutcome, Verdict, read_verdict, write_verdict
from homeostat.errors import ConfigError
from homeostat.paths import ROOT_VARIABLE, STATE_VARIABLE

#: what an outer make would impose on an inner one
_OF_MAKE = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES")


@dataclass(frozen=True, slots=True)
class Order:
    """What to run: a commit, what to compare it with, and the name by which its hand-off is known."""

    name: str
    commit: str
    #: checks look at what changed since; None means at everything
    base: str | None


class Runs(Protocol):
    """Takes an order through its stages."""

    def run(self, order: Order) -> Verdict:
        """Run what is left of ``order``; return how it ended."""
        ...


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Runs orders at one platform."""

    layout: Layout
    root: Path
    #: for the stages, beside what the runner itself has
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    stages: Sequence[Stage] = STAGES

    def run(self, order: Order) -> Verdict:
        """Take ``order`` through every stage that has not ended yet; return how the run ended."""
        folder = RunFolder(self.layout.runs / order.name)
        folder.results.mkdir(parents=True, exist_ok=True)
        with RunLog(folder.log) as log:
            try:
                return self._stages(order, folder, log)
            finally:
                shutil.rmtree(folder.checkout, ignore_errors=True)

    def _stages(self, order: Order, folder: RunFolder, log: RunLog) -> Verdict:
        environment: Path | None = None
        ended: list[Verdict] = []
        for stage in self.stages:
            verdict = read_verdict(folder.marker(stage.name))
            if verdict is None:
                environment = environment or self._prepare(order, folder, log)
                verdict = self._perform(stage, order, folder, environment, log)
            ended.append(verdict)
            if not verdict.outcome.goes_on:
                return Verdict(outcome=verdict.outcome, sentence=f"{stage.name}: {verdict.sentence}")
        return _of_all(ended)

    def _perform(
        self, stage: Stage, order: Order, folder: RunFolder, environment: Path, log: RunLog
    ) -> Verdict:
        log.write(f"== {stage.name}: {stage.title}")
        verdict = self._stage(stage, order, folder, environment, log)
        write_verdict(folder.marker(stage.name), verdict.outcome, verdict.sentence)
        return verdict

    def _prepare(self, order: Order, folder: RunFolder, log: RunLog) -> Path:
        check_out(self.layout.forge, order.commit, folder.checkout)

        def execute(argv: Sequence[str], where: Path) -> int:
            return run_logged(argv, where, neutral_environment(os.environ), log, timeout_seconds=1800)

        return environment_for(folder.checkout, self.root, self.layout.environments, execute)

    def _stage(
        self, stage: Stage, order: Order, folder: RunFolder, environment: Path, log: RunLog
    ) -> Verdict:
        folder.verdict(stage.name).unlink(missing_ok=True)
        argv = [
            *("make", "--no-print-directory", "--old-file=setup", stage.target),
            *(f"ENVIRONMENT={environment}", f"RESULTS={folder.results}", f"BASE={order.base or ''}"),
            *(f"RUN={order.name}", f"REMOTE={self.layout.forge}"),
        ]
        code = run_logged(argv, folder.checkout, self._environment(folder), log, stage.timeout_seconds)
        return _judge(stage, code, folder.verdict(stage.name))

    def _environment(self, folder: RunFolder) -> Mapping[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in _OF_MAKE}
        return neutral_environment(inherited) | {
            **self.variables,
            "PYTHONPATH": f"{folder.checkout}:{folder.checkout}/model-source",
            "PYTHONUNBUFFERED": "1",
            ROOT_VARIABLE: str(folder.checkout),
            STATE_VARIABLE: str(self.layout.state),
        }


def _judge(stage: Stage, code: int, path: Path) -> Verdict:
    if code == TOOK_TOO_LONG:
        sentence = f"'make {stage.target}' took longer than {stage.timeout_seconds:.0f} s and was stopped."
        return Verdict(outcome=StageOutcome.FAILED, sentence=sentence)
    try:
        said = read_verdict(path)
    except ConfigError as error:
        return Verdict(outcome=StageOutcome.FAILED, sentence=str(error))
    if said is None or (code != 0) == said.outcome.goes_on:
        told = "without a verdict" if said is None else f"although it said {said.outcome}"
        sentence = f"'make {stage.target}' ended with exit code {code} {told}; see the lines above."
        return Verdict(outcome=StageOutcome.FAILED, sentence=sentence)
    return said


def _of_all(ended: Sequence[Verdict]) -> Verdict:
    """The run's verdict once no stage objected: the last sentence that tells of something done."""
    done = [verdict for verdict in ended if verdict.outcome is StageOutcome.PASSED]
    last = (done or ended)[-1]
    return Verdict(outcome=StageOutcome.PASSED, sentence=last.sentence)


def forget_objections(folder: RunFolder, stages: Sequence[Stage] = STAGES) -> None:
    """Let a run that was refused or failed try its last stage again; what passed is not repeated."""
    for stage in stages:
        verdict = read_verdict(folder.marker(stage.name))
        if verdict and not verdict.outcome.goes_on:
            folder.marker(stage.name).unlink()


def keep_newest(runs: Path, most: int, spared: Callable[[str], bool]) -> None:
    """Delete the oldest run folders beyond ``most``, except those that ``spared`` names."""
    folders = (
        sorted((path for path in runs.iterdir() if path.is_dir()), reverse=True) if runs.exists() else []
    )
    for folder in folders[most:]:
        if not spared(folder.name):
            shutil.rmtree(folder, ignore_errors=True)
