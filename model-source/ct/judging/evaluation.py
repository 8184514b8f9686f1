"""Everything that is measured about a fitted candidate on the test rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from ct.arrays import Floats, Indices
from ct.data.dataset import Dataset
from ct.data.split import TrainTest
from ct.judging.bootstrap import estimate
from ct.judging.calibration import ReliabilityBin, brier_score, expected_calibration_error, reliability
from ct.judging.decision import ask, decide
from ct.judging.latency import single_row_latency_seconds
from ct.judging.metrics import METRICS, measure_all
from ct.judging.stress import worst_stress
from ct.metric_name import MetricName
from ct.spec import ModelSpec, Slice
from lifecycle.gates.evidence import Interval, SliceScore, Stress
from serving.engines.engine import Engine


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The measurements of one fitted candidate."""

    probabilities: Floats
    predicted: Indices
    metrics: Mapping[MetricName, Interval]
    #: the same metrics for always answering the shares of the training labels
    baseline: Mapping[MetricName, float]
    calibration_error: float
    brier_score: float
    reliability: tuple[ReliabilityBin, ...]
    #: rows by (true class, answered class)
    confusion: Indices
    slices: tuple[SliceScore, ...]
    stress: Stress
    latency_seconds: float


def evaluate(engine: Engine, rows: TrainTest, spec: ModelSpec) -> Evaluation:
    """Measure ``engine``, whose estimator was fitted on the training rows, on the test rows."""
    test = rows.test
    manifest = spec.manifest()
    probabilities = ask(engine, test.X, manifest)
    predicted = decide(probabilities, manifest)
    return Evaluation(
        probabilities=probabilities,
        predicted=predicted,
        metrics=estimate(partial(measure_all, test.y, probabilities, predicted), test, spec.split.seed),
        baseline=_baseline(rows, spec),
        calibration_error=expected_calibration_error(test.y, probabilities),
        brier_score=brier_score(test.y, probabilities),
        reliability=reliability(test.y, probabilities),
        confusion=_confusion(test.y, predicted, len(spec.classes)),
        slices=tuple(_slice_score(part, test, probabilities, predicted, spec) for part in spec.slices),
        stress=worst_stress(engine, test, spec),
        latency_seconds=single_row_latency_seconds(engine, test.X, manifest),
    )


def _baseline(rows: TrainTest, spec: ModelSpec) -> Mapping[MetricName, float]:
    shares = np.bincount(rows.train.y, minlength=len(spec.classes)) / len(rows.train)
    probabilities = np.tile(shares, (len(rows.test), 1))
    majority = np.full(len(rows.test), shares.argmax(), dtype=np.int64)
    weights = np.ones((1, len(rows.test)))
    found = measure_all(rows.test.y, probabilities, majority, weights)
    return {name: float(value[0]) for name, value in found.items()}


def _confusion(truth: Indices, predicted: Indices, classes: int) -> Indices:
    return np.bincount(truth * classes + predicted, minlength=classes**2).reshape(classes, classes)


def _slice_score(
    part: Slice, test: Dataset, probabilities: Floats, predicted: Indices, spec: ModelSpec
) -> SliceScore:
    values = test.X[:, spec.feature_names.index(part.feature)]
    low = -np.inf if part.min is None else part.min
    high = np.inf if part.max is None else part.max
    inside = (values >= low) & (values <= high)
    if not inside.any():
        return SliceScore(part.name, 0, None)
    weights = np.ones((1, int(inside.sum())))
    value = METRICS[spec.metric](test.y[inside], probabilities[inside], predicted[inside], weights)[0]
    return SliceScore(part.name, int(inside.sum()), float(value))
