"""Quality metrics over many weightings of the same rows at once, which is what a bootstrap needs.

Every metric takes the labels as class indices, the probabilities (rows x classes), the predicted class
indices and weights (replicates x rows), and answers one value per replicate; NaN where it is undefined, such
as the ROC AUC of rows of one class. Higher is better for all. With weights of one they equal scikit-learn's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ct.arrays import Floats, Indices
from ct.metric_name import MetricName

Metric = Callable[[Indices, Floats, Indices, Floats], Floats]


def accuracy(truth: Indices, _probabilities: Floats, predicted: Indices, weights: Floats) -> Floats:
    """Share of rows that are right."""
    return _ratio(weights @ (truth == predicted), weights.sum(axis=1))


def balanced_accuracy(truth: Indices, probabilities: Floats, predicted: Indices, weights: Floats) -> Floats:
    """Mean recall of the classes that occur."""
    recalls = [
        _ratio(weights @ ((truth == label) & (predicted == label)), weights @ (truth == label))
        for label in range(probabilities.shape[1])
    ]
    return _mean_of_defined(recalls)


def f1(truth: Indices, probabilities: Floats, predicted: Indices, weights: Floats) -> Floats:
    """Mean over the classes that occur or are predicted of the harmonic mean of precision and recall."""
    scores: list[Floats] = []
    for label in range(probabilities.shape[1]):
        hits = weights @ ((truth == label) & (predicted == label))
        scores.append(_ratio(2 * hits, weights @ (truth == label) + weights @ (predicted == label)))
    return _mean_of_defined(scores)


def roc_auc(truth: Indices, probabilities: Floats, _predicted: Indices, weights: Floats) -> Floats:
    """Chance that a row of a class is ranked above a row of the rest."""
    return _each_against_the_rest(_ranking_chance, truth, probabilities, weights)


def average_precision(truth: Indices, probabilities: Floats, _predicted: Indices, weights: Floats) -> Floats:
    """Area under the precision-recall curve, as a sum over thresholds."""
    return _each_against_the_rest(_precision_sum, truth, probabilities, weights)


METRICS: Mapping[MetricName, Metric] = {
    MetricName.ACCURACY: accuracy,
    MetricName.BALANCED_ACCURACY: balanced_accuracy,
    MetricName.F1: f1,
    MetricName.ROC_AUC: roc_auc,
    MetricName.AVERAGE_PRECISION: average_precision,
}


def measure_all(
    truth: Indices, probabilities: Floats, predicted: Indices, weights: Floats
) -> Mapping[MetricName, Floats]:
    """Every metric, for each of the weightings."""
    return {name: metric(truth, probabilities, predicted, weights) for name, metric in METRICS.items()}


def _each_against_the_rest(
    score: Callable[[Floats, Floats], Floats], truth: Indices, probabilities: Floats, weights: Floats
) -> Floats:
    """``score`` of (mass of the class, mass of the rest) by distinct probability, descending."""
    classes = probabilities.shape[1]
    # With two classes the ranking of one mirrors the other: the second is the positive one.
    labels = [1] if classes == 2 else range(classes)
    scores: list[Floats] = []
    for label in labels:
        order = np.argsort(-probabilities[:, label], kind="stable")
        ranked, positive = weights[:, order], (truth == label)[order]
        falls = np.diff(probabilities[order, label]) != 0
        starts = np.flatnonzero(np.concatenate([[True], falls]))
        hits = np.add.reduceat(ranked * positive, starts, axis=1)
        scores.append(score(hits, np.add.reduceat(ranked * ~positive, starts, axis=1)))
    return np.mean(scores, axis=0)


def _ranking_chance(hits: Floats, misses: Floats) -> Floats:
    beaten = misses.sum(axis=1, keepdims=True) - np.cumsum(misses, axis=1) + misses / 2
    return _ratio((hits * beaten).sum(axis=1), hits.sum(axis=1) * misses.sum(axis=1))


def _precision_sum(hits: Floats, misses: Floats) -> Floats:
    found = np.cumsum(hits, axis=1)
    precision = np.nan_to_num(_ratio(found, found + np.cumsum(misses, axis=1)))
    return _ratio((hits * precision).sum(axis=1), hits.sum(axis=1))


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)


def _mean_of_defined(values: list[Floats]) -> Floats:
    stacked = np.stack(values)
    defined = np.isfinite(stacked)
    return _ratio(np.where(defined, stacked, 0.0).sum(axis=0), defined.sum(axis=0).astype(np.float64))
