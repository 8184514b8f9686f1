# pyright: basic
# scikit-learn's splitter is typed only in parts.
"""The choice between candidates, by cross-validation in which equal rows share a fold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

from ct.arrays import Floats, Indices
from ct.candidate import Candidate, Estimator
from ct.data.dataset import Dataset
from ct.errors import DataContractBroken, TrainingCodeError
from ct.judging.decision import ask, decide
from ct.judging.metrics import METRICS
from ct.spec import ModelSpec
from serving.bundle import BundleManifest
from serving.engines.native.plain import Plain


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
    _check_classes(folds, data, spec)
    scores: list[CandidateScore] = []
    for candidate in candidates:
        doing(candidate.name)
        values = [_score(candidate, data.take(train), data.take(test), spec) for train, test in folds]
        scores.append(CandidateScore(candidate, tuple(values)))
    return scores


def best(scores: Sequence[CandidateScore]) -> CandidateScore:
    """The highest mean; of equals the first, which is the simplest."""
    return max(scores, key=lambda score: score.mean if np.isfinite(score.mean) else -np.inf)


def fitted(candidate: Candidate, train: Dataset) -> Estimator:
    """A new estimator that has learned from ``train``; one thread, so that every machine adds up alike.

    Raises:
        TrainingCodeError: when the candidate can't be made or can't learn.
    """
    try:
        with threadpool_limits(limits=1):
            estimator = candidate.make()
            estimator.fit(train.X, train.y)
    except Exception as error:  # a candidate is a model's own code and raises what it likes
        raise TrainingCodeError(
            candidate.name, [f"the candidate can't be fitted ({type(error).__name__}: {error})."]
        ) from error
    return estimator


def _asked(candidate: Candidate, estimator: Estimator, X: Floats, manifest: BundleManifest) -> Floats:
    try:
        probabilities = ask(Plain(estimator), X, manifest)
    except Exception as error:  # as above
        raise TrainingCodeError(
            candidate.name, [f"the candidate can't answer ({type(error).__name__}: {error})."]
        ) from error
    wanted = (len(X), len(manifest.classes))
    if probabilities.shape != wanted:
        found = f"answers an array of shape {probabilities.shape}, not of (rows, classes) {wanted}"
        raise TrainingCodeError(candidate.name, [f"the candidate {found}."])
    return probabilities


def _check_classes(folds: Sequence[tuple[Indices, Indices]], data: Dataset, spec: ModelSpec) -> None:
    """Every fold must learn every class, or its answers would have fewer columns than there are classes."""
    for train, _ in folds:
        if absent := set(range(len(spec.classes))) - set(data.y[train].tolist()):
            label = spec.classes[min(absent)]
            raise DataContractBroken(
                spec.name,
                [f"class {label!r} has too few distinct training rows for {len(folds)} folds; give more."],
            )


def _score(candidate: Candidate, train: Dataset, test: Dataset, spec: ModelSpec) -> float:
    manifest = spec.manifest()
    probabilities = _asked(candidate, fitted(candidate, train), test.X, manifest)
    predicted = decide(probabilities, manifest)
    return float(METRICS[spec.metric](test.y, probabilities, predicted, np.ones((1, len(test))))[0])
