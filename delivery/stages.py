"""The stages of a pipeline and what became of each.

A stage is a Make target of the pushed commit, so that people, GitHub and the local runner do the same. It
tells how it ended by its exit code and, because make swallows the difference between *refused* and *broken*,
by a verdict file ``<results>/<stage>.json``. The runner turns that into a marker once the stage's process is
gone; a stage with a marker is never run again in the same run.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from homeostat import atomic
from homeostat.config import Document, load


class StageOutcome(StrEnum):
    """How a stage ended."""

    PASSED = "passed"
    #: there was nothing to do for this commit
    SKIPPED = "skipped"
    #: a check or a gate said no; the run ends here and nothing changes
    REFUSED = "refused"
    #: it broke; the run ends here and nothing changes
    FAILED = "failed"

    @property
    def goes_on(self) -> bool:
        """Whether the next stage may run."""
        return self in (StageOutcome.PASSED, StageOutcome.SKIPPED)


class Verdict(Document):
    """What a stage says of itself, in one sentence."""

    outcome: StageOutcome
    sentence: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One step on the way from a commit to an endpoint."""

    name: str
    #: the Make target that does it
    target: str
    #: for people
    title: str
    #: after this long it counts as broken
    timeout_seconds: float


STAGES = (
    Stage("checks", "check-changes", "check what changed", 1200),
    Stage("ct", "ct", "train and gate the models whose inputs changed", 3600),
    Stage("package", "package", "package what passed", 900),
    Stage("image", "model-image", "build its image where a cluster runs it", 1800),
    Stage("handoff", "handoff", "hand off the release", 300),
    Stage("rollout", "rollout", "wait until it serves", 600),
)


def write_verdict(path: Path, outcome: StageOutcome, sentence: str) -> None:
    """Leave the verdict of a stage, whole or not at all."""
    atomic.write_text(path, Verdict(outcome=outcome, sentence=sentence).model_dump_json(indent=2) + "\n")


def read_verdict(path: Path) -> Verdict | None:
    """The verdict at ``path``, or None when the stage left none.

    Raises:
        ConfigError: when the file says something that it may not.
    """
    return load(path, Verdict) if path.exists() else None
