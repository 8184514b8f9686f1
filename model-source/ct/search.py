# pyright: basic
# scikit-learn's splitter is typed only in parts.
"""The choice between candidates, by cross-validation in which equal rows share a fold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from ct.candidate import Candidate
from ct.dataset import Dataset
from ct.decision import decide
from ct.metrics import METRICS
from ct.spec import ModelSpec


@dataclass(frozen=True, slots=True)
class CandidateScore:
    """How well one candidate did on rows that it had not seen."""

    candidate: Candidate
    #: the metric of each fold
    folds: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean over the folds."""
        return float(np.mean(self.folds))

    @property
    def standard_error(self) -> float:
        """Of the mean; the folds share training rows, so it is somewhat too small."""
        return float(np.std(self.folds, ddof=1) / np.sqrt(len(self.folds)))


def cross_validate(
    candidates: Sequence[Candidate], data: Dataset, spec: ModelSpec, doing: Callable[[str], None]
) -> Sequence[CandidateScore]:
    """Score every candidate on the same folds, in their order; ``doing`` hears the name of each."""
    splitter = StratifiedGroupKFold(spec.split.folds, shuffle=True, random_state=spec.split.seed)
    folds = list(splitter.split(data.X, data.y, data.groups))
    scores: list[CandidateScore] = []
    for candidate in candidates:
        doing(candidate.name)
        values = [_score(candidate, data.take(train), data.take(test), spec) for train, test in folds]
        scores.append(CandidateScore(candidate, tuple(values)))
    return scores


def best(scores: Sequence[CandidateScore]) -> CandidateScore:
    """The highest mean; of equals the first, which is the simplest."""
    return max(scores, key=lambda score: score.mean if np.isfinite(score.mean) else -np.inf)


def _score(candidate: Candidate, train: Dataset, test: Dataset, spec: ModelSpec) -> float:
    estimator = candidate.make()
    estimator.fit(train.X, train.y)
    probabilities = np.asarray(estimator.predict_proba(test.X), dtype=np.float64)
    predicted = decide(probabilities, spec.manifest())
    return float(METRICS[spec.metric](test.y, probabilities, predicted, np.ones((1, len(test))))[0])
