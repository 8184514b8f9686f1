"""A candidate that is fitted, measured and judged, before anything is recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ct.candidate import Estimator
from ct.data.split import TrainTest
from ct.engine_choice.choice import Chosen
from ct.judging.evaluation import Evaluation
from ct.spec import ModelSpec
from ct.training.search import CandidateScore
from homeostat.release import GateResult, Outcome
from lifecycle.gates.evidence import Comparison


@dataclass(frozen=True, slots=True)
class Trained:
    """Everything that the record, the card and the result are made of."""

    spec: ModelSpec
    rows: TrainTest
    scores: Sequence[CandidateScore]
    chosen: CandidateScore
    estimator: Estimator
    #: what will serve it
    engine: Chosen
    evaluation: Evaluation
    comparison: Comparison | None
    importance: Mapping[str, float]
    #: share of each class among the training labels
    prevalence: Mapping[str, float]
    gates: tuple[GateResult, ...]
    model_sha256: str
    data_sha256: str
    inputs_digest: str
    source_commit: str
    #: files differed from the commit
    modified: bool
    #: the README.md beside model.yaml, without its title
    about: str

    @property
    def refusals(self) -> tuple[GateResult, ...]:
        """The gates that said no."""
        return tuple(gate for gate in self.gates if gate.outcome is Outcome.FAILED)
