"""The gate passes what agrees and refuses what does not, by numbers and by labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from ct.arrays import Floats
from ct.engine_choice.parity import TOLERANCE, Parity, compare_engines
from ct.engine_choice.probes import Probe, probes
from serving.bundle import BundleManifest, Task
from serving.engines.native.plain import Plain
from serving.engines.onnx import OnnxEngine
from tests.unit.ct.engine_choice.two_sides import manifest, two_sides


class Says:
    """An engine whose answers are known: a function of the first column."""

    def __init__(self, *shares: float) -> None:
        self._shares = np.array(shares)

    def probabilities(self, rows: Floats) -> Floats:
        return np.tile(self._shares, (len(rows), 1))


class Raises:
    def probabilities(self, rows: Floats) -> Floats:
        raise ValueError("no")


def compared(trial: tuple[float, ...], wanted: tuple[float, ...], about: BundleManifest) -> Parity:
    return compare_engines(Says(*trial), Says(*wanted), about, [Probe("a row", np.zeros((3, 4)))])


def test_equal_answers_agree() -> None:
    assert compared((0.7, 0.3), (0.7, 0.3), manifest()) == Parity(3, 0.0, None)


def test_the_sentence_names_both_answers_and_the_row() -> None:
    found = compared((0.9, 0.4913), (0.8, 0.3), manifest()).disagreement
    assert found == "answered 0.4913 where the estimator answers 0.3000 for a row"


@pytest.mark.parametrize("wrong", [(np.nan, 0.3), (0.7, np.inf), (np.nan, np.nan)])
def test_what_is_no_number_never_agrees(wrong: tuple[float, float]) -> None:
    assert compared(wrong, (0.7, 0.3), manifest()).disagreement is not None


@given(apart=st.floats(0, 1e-4))
def test_probabilities_may_differ_by_the_tolerance_and_no_more(apart: float) -> None:
    found = compared((0.2 + apart, 0.8), (0.2, 0.8), manifest())
    assert (found.disagreement is None) == (found.largest_difference <= TOLERANCE)


def test_a_label_may_change_only_beside_the_threshold() -> None:
    # 0.4 is the threshold: 2e-6 below it either label is right
    assert compared((0.599999, 0.400001), (0.600002, 0.399998), manifest()).disagreement is None
    multiclass = manifest(Task.MULTICLASS)
    assert compared((0.500001, 0.499999, 0), (0.499999, 0.500001, 0), multiclass).disagreement is None


def test_another_number_of_classes_never_agrees() -> None:
    assert compared((0.2, 0.3, 0.5), (0.5, 0.5), manifest()).disagreement is not None


def test_rows_that_the_estimator_itself_does_not_answer_are_left_out() -> None:
    rows = [Probe("a row", np.zeros((3, 4)))]
    assert compare_engines(Says(1, 0), Raises(), manifest(), rows).rows == 0
    assert compare_engines(Says(1, 0), Says(np.nan, np.nan), manifest(), rows).rows == 0


def test_trees_behind_a_scaler_in_single_precision_are_refused() -> None:
    sides = two_sides()
    estimator = make_pipeline(MinMaxScaler(clip=True), HistGradientBoostingClassifier(max_iter=20))
    estimator.fit(sides.train.X, sides.train.y)
    graph = to_onnx(
        estimator,
        initial_types=[("rows", FloatTensorType([None, 4]))],
        options={id(estimator): {"zipmap": False}},
    ).SerializeToString()
    asked = list(probes(manifest(), sides.train.X, sides.test.X))
    found = compare_engines(OnnxEngine(graph), Plain(estimator), manifest(), asked)
    assert found.largest_difference > 0.01
    assert found.disagreement is not None
