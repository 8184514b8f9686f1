"""The vectorised metrics beside scikit-learn's, and intervals that cover."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from ct.arrays import Floats, Indices
from ct.data.dataset import Dataset
from ct.judging.bootstrap import estimate, replicates
from ct.judging.calibration import brier_score, expected_calibration_error
from ct.judging.metrics import METRICS, measure_all, roc_auc
from ct.metric_name import MetricName
from lifecycle.gates.evidence import Interval


def _drawn(seed: int, classes: int, rows: int = 60) -> tuple[Indices, Floats, Indices]:
    random = np.random.default_rng(seed)
    truth = np.concatenate([np.arange(classes), random.integers(0, classes, rows)])
    # few distinct values: ties are where rankings go wrong
    raw = random.integers(1, 6, (len(truth), classes)).astype(float)
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    return truth, probabilities, probabilities.argmax(axis=1)


def _reference(name: MetricName, truth: Indices, p: Floats, predicted: Indices, w: Floats) -> float:
    classes = p.shape[1]
    if name is MetricName.ACCURACY:
        return reference.accuracy_score(truth, predicted, sample_weight=w)
    if name is MetricName.BALANCED_ACCURACY:
        return reference.balanced_accuracy_score(truth, predicted, sample_weight=w)
    if name is MetricName.F1:
        return reference.f1_score(truth, predicted, average="macro", sample_weight=w)
    score = {
        MetricName.ROC_AUC: reference.roc_auc_score,
        MetricName.AVERAGE_PRECISION: reference.average_precision_score,
    }[name]
    labels = [1] if classes == 2 else range(classes)
    return float(np.mean([score(truth == label, p[:, label], sample_weight=w) for label in labels]))


@pytest.mark.parametrize("name", list(MetricName))
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), classes=st.integers(2, 4))
def test_every_metric_equals_scikit_learns_for_any_weights(name: MetricName, seed: int, classes: int) -> None:
    truth, probabilities, predicted = _drawn(seed, classes)
    weights = np.random.default_rng(seed + 1).integers(1, 4, (3, len(truth))).astype(float)
    found = METRICS[name](truth, probabilities, predicted, weights)
    wanted = [_reference(name, truth, probabilities, predicted, row) for row in weights]
    assert found == pytest.approx(wanted)


def test_a_ranking_of_one_class_alone_is_not_a_number() -> None:
    truth = np.ones(5, dtype=np.int64)
    probabilities = np.tile([0.4, 0.6], (5, 1))
    assert np.isnan(roc_auc(truth, probabilities, truth, np.ones((1, 5)))[0])


def test_the_brier_score_of_two_classes_is_the_usual_one() -> None:
    truth, probabilities, _ = _drawn(3, 2)
    assert brier_score(truth, probabilities) == pytest.approx(
        reference.brier_score_loss(truth, probabilities[:, 1])
    )


def test_probabilities_that_come_true_have_no_calibration_error_and_boasts_have() -> None:
    truth = np.tile([0, 0, 0, 1], 100)
    honest = np.tile([0.75, 0.25], (400, 1))
    boast = np.tile([0.99, 0.01], (400, 1))
    assert expected_calibration_error(truth, honest) == pytest.approx(0.0)
    assert expected_calibration_error(truth, boast) == pytest.approx(0.24)


def test_the_order_of_rows_with_equal_confidence_changes_no_calibration_error() -> None:
    probabilities = np.tile([0.5, 0.5], (40, 1))
    sorted_labels = np.repeat([0, 1], 20)
    assert expected_calibration_error(sorted_labels, probabilities) == pytest.approx(0.0)


def test_whole_groups_are_drawn() -> None:
    data = Dataset(np.zeros((6, 1)), np.zeros(6, dtype=np.int64), np.array([0, 0, 0, 1, 1, 2]))
    (weights,) = replicates(data, seed=1)
    assert weights.shape == (1000, 6)
    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[:, [0, 3, 5]].sum(axis=1) == 3).all()


def _interval(data: Dataset, predicted: Indices, seed: int = 1) -> Interval:
    measure = partial(measure_all, data.y, np.zeros((len(data), 2)), predicted)
    return estimate(measure, data, seed)[MetricName.ACCURACY]


def test_few_rows_that_are_all_right_do_not_prove_perfection() -> None:
    """Of 45 rows without a mistake, Clopper and Pearson's lower end is 0.025 ** (1 / 45) = 0.921."""
    truth = np.arange(45) % 2
    found = _interval(Dataset(np.zeros((45, 1)), truth, np.arange(45)), truth)
    assert found.value == found.high == 1.0
    assert found.low == pytest.approx(0.921, abs=0.001)
    thrice = _interval(Dataset(np.zeros((45, 1)), truth, np.arange(45) // 15), truth)
    assert thrice.low < 0.3


def test_rankings_of_many_distinct_rows_fit_into_memory() -> None:
    random = np.random.default_rng(3)
    score = random.random(40_000)
    truth = (random.random(40_000) < score).astype(np.int64)
    found = roc_auc(truth, np.column_stack([1 - score, score]), truth, np.ones((2, 40_000)))
    assert found == pytest.approx([reference.roc_auc_score(truth, score)] * 2)


def test_repeated_rows_do_not_narrow_the_interval() -> None:
    """Ten copies of each row carry no more knowledge than one."""
    random = np.random.default_rng(2)
    truth = random.integers(0, 2, 80)
    predicted = np.where(random.random(80) < 0.8, truth, 1 - truth)
    once = Dataset(np.zeros((80, 1)), truth, np.arange(80))
    tenfold = once.take(np.repeat(np.arange(80), 10))
    few = _interval(once, predicted)
    many = _interval(tenfold, np.repeat(predicted, 10))
    assert many.high - many.low == pytest.approx(few.high - few.low)


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    random = np.random.default_rng(9)
    covered = 0
    for trial in range(200):
        right = random.random(150) < 0.8
        truth = np.zeros(150, dtype=np.int64)
        data = Dataset(np.zeros((150, 1)), truth, np.arange(150))
        found = _interval(data, (~right).astype(np.int64), seed=trial)
        covered += found.low <= 0.8 <= found.high
    assert 0.90 <= covered / 200 <= 0.985
