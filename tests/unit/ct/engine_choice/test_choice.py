"""Which engine each estimator gets, and what is said about it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from ct.arrays import Floats
from ct.engine_choice.choice import choose_engine
from ct.standard_candidates import prepared, standard_candidates
from homeostat import digest
from serving.bundle import EngineKind, MissingValues, Task
from tests.unit.ct.engine_choice.two_sides import manifest, two_sides

CANDIDATES = {candidate.name: candidate.make for candidate in standard_candidates(1)}
AGREE = {
    **{name: make for name, make in CANDIDATES.items() if name != "logistic_regression"},
    "hist_gradient_boosting": lambda: prepared(HistGradientBoostingClassifier(max_iter=20)),
    "hist_with_nan": lambda: make_pipeline(MinMaxScaler(), HistGradientBoostingClassifier(max_iter=20)),
}


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", AGREE)
def test_what_agrees_on_every_row_is_served_by_onnx_runtime(name: str, classes: int) -> None:
    sides = two_sides(classes)
    estimator: Any = AGREE[name]().fit(sides.train.X, sides.train.y)
    chosen = choose_engine(estimator, sides, manifest(Task.BINARY if classes == 2 else Task.MULTICLASS))
    assert chosen.choice.kind is EngineKind.ONNX, chosen.choice.why
    assert chosen.graph is not None
    assert chosen.choice.onnx_sha256 == digest.of_bytes(chosen.graph)
    assert chosen.largest_difference is not None
    assert chosen.largest_difference <= 1e-5


def test_what_a_graph_would_not_make_faster_stays_native() -> None:
    sides = two_sides()
    estimator: Any = CANDIDATES["logistic_regression"]().fit(sides.train.X, sides.train.y)
    chosen = choose_engine(estimator, sides, manifest())
    assert chosen.choice.kind is EngineKind.NATIVE
    assert "no longer as plain arithmetic" in chosen.choice.why


def test_a_forest_whose_graph_forgets_what_is_missing_stays_native() -> None:
    sides = two_sides()
    rows = np.where(np.random.default_rng(1).random(sides.train.X.shape) < 0.2, np.nan, sides.train.X)
    forest = RandomForestClassifier(10, random_state=0).fit(rows, sides.train.y)
    chosen = choose_engine(forest, sides, manifest())
    assert chosen.choice.kind is EngineKind.NATIVE
    assert chosen.graph is None
    assert chosen.choice.why.startswith("native: ONNX Runtime answered ")
    assert chosen.choice.why.endswith(" for a row with missing values")


def test_where_nothing_may_be_missing_the_same_forest_is_served_by_onnx_runtime() -> None:
    sides = two_sides()
    forest = RandomForestClassifier(10, random_state=0).fit(sides.train.X, sides.train.y)
    chosen = choose_engine(forest, sides, manifest(missing=MissingValues.REFUSE))
    assert chosen.choice.kind is EngineKind.ONNX, chosen.choice.why


class OwnClass:
    def fit(self, X: Floats, y: object) -> None:
        """It knows all that it needs."""

    def predict_proba(self, X: Floats) -> Floats:
        return np.tile([0.5, 0.5], (len(X), 1))


def test_an_estimator_that_no_converter_knows_stays_native_with_the_reason() -> None:
    chosen = choose_engine(OwnClass(), two_sides(), manifest())
    assert chosen.choice.kind is EngineKind.NATIVE
    assert chosen.choice.why.startswith("native: the estimator can't be written as a graph (")
    assert "\n" not in chosen.choice.why
