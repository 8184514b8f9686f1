"""Contributions and their base add up to what the model answers, for every kind of model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shap
import xgboost
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.decomposition import PCA
from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier, HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from xgboost import XGBClassifier

from serving.bundle import FeatureSpec, MissingValues, OutOfRange
from serving.errors import BadAnswer, NotExplainable
from serving.explaining.frames import pack_rows, unpack_rows
from serving.explaining.opening import open_explanations
from tests.unit.serving.explaining.models import MODELS, NAMES, TWO_CLASSES, bundle, labels, prepared, table

#: outside of the declared range of -2 to 2 as well
ASKED = np.vstack([table(5), [[50.0, -50.0, 3.0, 0.0]]])


def answers(loaded: Any, rows: np.ndarray) -> np.ndarray:
    return np.asarray(loaded.estimator.predict_proba(np.clip(rows, -2, 2)))


@pytest.mark.parametrize("make", [*MODELS.values(), *TWO_CLASSES.values()], ids=[*MODELS, *TWO_CLASSES])
def test_they_add_up_to_the_probability_of_the_positive_class(make: Callable[[], Any]):
    loaded = bundle(make)
    for row, found in enumerate(open_explanations(loaded).explain(ASKED)["explanations"]):
        total = found["base"] + sum(found["contributions"].values())
        assert total == pytest.approx(found["output"])
        probability = expit(total) if found["space"] == "log-odds" else total
        assert probability == pytest.approx(answers(loaded, ASKED)[row, 1], abs=1e-5)
        assert found["class"] == "yes"
        assert tuple(found["contributions"]) == NAMES


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_of_several_classes_the_answered_one_is_explained(make: Callable[[], Any]):
    loaded = bundle(make, classes=3)
    expected = answers(loaded, ASKED)
    explanations = open_explanations(loaded).explain(ASKED)["explanations"]
    assert [found["class"] for found in explanations] == [
        ("low", "middle", "high")[index] for index in expected.argmax(axis=1)
    ]
    if explanations[0]["space"] == "probability":
        assert [found["output"] for found in explanations] == pytest.approx(expected.max(axis=1))


def test_the_first_class_as_the_positive_one_turns_the_signs():
    one = open_explanations(bundle(MODELS["xgboost"])).explain(ASKED)["explanations"]
    other = open_explanations(bundle(MODELS["xgboost"], positive_class="no")).explain(ASKED)["explanations"]
    for found, mirrored in zip(one, other, strict=True):
        assert mirrored["class"] == "no"
        assert mirrored["base"] == -found["base"]
        assert mirrored["output"] == pytest.approx(-found["output"])


def test_xgboosts_own_contributions_are_the_same():
    loaded = bundle(MODELS["xgboost"])
    booster = loaded.estimator.get_booster()
    own = booster.predict(xgboost.DMatrix(np.clip(ASKED, -2, 2)), pred_contribs=True)
    for found, expected in zip(open_explanations(loaded).explain(ASKED)["explanations"], own, strict=True):
        assert list(found["contributions"].values()) == pytest.approx(expected[:-1].tolist(), abs=1e-6)
        assert found["base"] == pytest.approx(float(expected[-1]), abs=1e-6)


def test_shaps_own_explainer_of_linear_models_says_the_same():
    loaded = bundle(MODELS["logistic regression"])
    average = np.array([loaded.manifest.means])
    own = shap.LinearExplainer(loaded.estimator, average).shap_values(np.clip(ASKED, -2, 2))
    found = open_explanations(loaded).explain(ASKED)["explanations"]
    np.testing.assert_allclose([list(row["contributions"].values()) for row in found], own)


def test_an_average_row_is_its_own_base():
    loaded = bundle(MODELS["prepared logistic regression"])
    (found,) = open_explanations(loaded).explain(np.array([loaded.manifest.means]))["explanations"]
    assert list(found["contributions"].values()) == pytest.approx([0.0] * 4)
    assert found["output"] == found["base"]


def test_the_base_is_told():
    assert (
        "training rows' means"
        in open_explanations(bundle(MODELS["logistic regression"])).explain(ASKED)["base_is"]
    )
    assert (
        "mean of the model's outputs"
        in open_explanations(bundle(MODELS["xgboost"])).explain(ASKED)["base_is"]
    )


@pytest.mark.parametrize(
    "kind", ["prepared logistic regression", "prepared xgboost", "histogram gradient boosting"]
)
def test_missing_values_are_explained_as_the_model_sees_them(kind: str):
    nullable = tuple(FeatureSpec(name=name, min=-2, max=2, nullable=True) for name in NAMES)
    policy = {"missing_values": MissingValues.ACCEPT, "out_of_range": OutOfRange.MISSING}
    loaded = bundle(MODELS[kind], features=nullable, **policy)
    rows = np.array([[np.nan, 1.0, 999.0, 0.0]])
    (found,) = open_explanations(loaded).explain(rows)["explanations"]
    seen = np.array([[np.nan, 1.0, np.nan, 0.0]])
    assert expit(found["output"]) == pytest.approx(loaded.estimator.predict_proba(seen)[0, 1], abs=1e-5)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (AdaBoostClassifier, "AdaBoostClassifier is not among the kinds of models"),
        (lambda: make_pipeline(PCA(), LogisticRegression()), "the step PCA may mix columns"),
        (
            lambda: make_pipeline(SimpleImputer(add_indicator=True), LogisticRegression()),
            "SimpleImputer adds columns of its own",
        ),
    ],
)
def test_what_can_not_be_explained_is_told_in_one_sentence(make: Callable[[], Any], reason: str):
    with pytest.raises(NotExplainable, match=reason) as raised:
        open_explanations(bundle(make))
    assert "\n" not in str(raised.value)


def test_an_imputer_that_left_out_a_column_is_refused():
    empty = table()
    empty[:, 2] = np.nan
    model = make_pipeline(SimpleImputer(), LogisticRegression()).fit(empty, labels(table(), 2))
    loaded = bundle(MODELS["logistic regression"])
    with pytest.raises(NotExplainable, match="leaves out columns"):
        open_explanations(type(loaded)(loaded.manifest, model, "0" * 64))


def test_gradient_boosting_of_several_classes_is_refused_with_shaps_reason():
    with pytest.raises(NotExplainable, match="binary classification"):
        open_explanations(bundle(lambda: GradientBoostingClassifier(n_estimators=3), classes=3))


def test_a_linear_model_without_training_means_is_refused_but_a_tree_needs_none():
    with pytest.raises(NotExplainable, match="no training means"):
        open_explanations(bundle(MODELS["logistic regression"], means=None))
    open_explanations(bundle(MODELS["xgboost"], means=None))


def test_contributions_that_do_not_add_up_are_withheld():
    """SHAP knows no categorical splits, so it explains another model than this one."""
    rows = np.column_stack([np.arange(400) % 8, table(400)[:, 1:]]).astype(float)
    target = np.isin(rows[:, 0], [1, 2, 5, 7]).astype(int)
    make = HistGradientBoostingClassifier(max_iter=10, categorical_features=[0]).fit(rows, target)
    wide = tuple(FeatureSpec(name=name) for name in NAMES)
    loaded = bundle(MODELS["xgboost"], features=wide)
    explanations = open_explanations(type(loaded)(loaded.manifest, make, "0" * 64))
    with pytest.raises(BadAnswer, match="they are withheld"):
        explanations.explain(rows[:8])


@settings(max_examples=30)
@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=4), min_size=1, max_size=8))
def test_any_row_that_may_be_asked_adds_up(rows: list[list[float]]):
    # explain() itself refuses what does not
    assert len(PREPARED.explain(np.array(rows))["explanations"]) == len(rows)


PREPARED = open_explanations(
    bundle(lambda: prepared(XGBClassifier(n_estimators=10, max_depth=3, n_jobs=1, random_state=1)))
)


@given(
    st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(st.floats(), min_size=n, max_size=n), min_size=1))
)
def test_rows_survive_the_way_to_the_child(rows: list[list[float]]):
    given_rows = np.array(rows)
    np.testing.assert_array_equal(unpack_rows(pack_rows(given_rows)), given_rows)
