"""Fitted estimators of every kind that a bundle may hold: each new line is held to every test here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from lightgbm import LGBMClassifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, PolynomialFeatures, RobustScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from ct.standard_candidates import standard_candidates

FEATURES = 4
ROWS = 300


def table(seed: int = 1) -> np.ndarray:
    """Columns of very different sizes, so that precision matters."""
    return np.random.default_rng(seed).normal(size=(ROWS, FEATURES)) * [1.0, 1000.0, 1e-3, 1.0]


def labels(rows: np.ndarray, classes: int) -> np.ndarray:
    score = rows[:, 0] + (rows[:, 1] / 1000) ** 2 + np.random.default_rng(2).normal(size=len(rows)) / 3
    return np.digitize(score, np.quantile(score, np.arange(1, classes) / classes))


def _xgboost(**settings: Any) -> XGBClassifier:
    return XGBClassifier(n_estimators=8, max_depth=3, n_jobs=1, random_state=0, **settings)


def _lightgbm(**settings: Any) -> LGBMClassifier:
    return LGBMClassifier(n_estimators=8, n_jobs=1, verbose=-1, random_state=0, **settings)


def _stopped_early(make: Callable[[], Any]) -> Callable[[np.ndarray, np.ndarray], Any]:
    """Fits with a validation set, so that the last trees are not the best."""

    def fit(rows: np.ndarray, truth: np.ndarray) -> Any:
        half = len(rows) // 2
        return make().fit(rows[:half], truth[:half], eval_set=[(rows[half:], truth[half:])])

    return fit


#: unfitted, and safe with NaN
HOLDS_NAN: dict[str, Callable[[], Any]] = {
    **{candidate.name: candidate.make for candidate in standard_candidates(3)},
    "xgboost": _xgboost,
    "xgboost_with_a_base_score": lambda: _xgboost(base_score=0.3),
    "xgboost_with_another_missing": lambda: _xgboost(missing=0.0),
    "xgboost_random_forest": lambda: _xgboost(num_parallel_tree=3, subsample=0.5),
    "xgboost_dart": lambda: _xgboost(booster="dart", rate_drop=0.3),
    "lightgbm": _lightgbm,
    "lightgbm_behind_a_scaler": lambda: make_pipeline(StandardScaler(), _lightgbm()),
    "hist_gradient_boosting": lambda: HistGradientBoostingClassifier(max_iter=8),
    "hist_behind_a_scaler": lambda: make_pipeline(
        MinMaxScaler(clip=True), HistGradientBoostingClassifier(max_iter=8)
    ),
    "decision_tree": lambda: DecisionTreeClassifier(max_depth=4, random_state=0),
    "imputed_with_indicator": lambda: make_pipeline(SimpleImputer(add_indicator=True), LogisticRegression()),
    "imputed_then_scaled": lambda: make_pipeline(
        SimpleImputer(strategy="mean"), StandardScaler(with_mean=False), LogisticRegression()
    ),
}

#: unfitted, and in need of every value
NEEDS_ALL: dict[str, Callable[[], Any]] = {
    "logistic_regression_alone": lambda: LogisticRegression(max_iter=500),
    "logistic_regression_without_intercept": lambda: LogisticRegression(fit_intercept=False),
    "scaled_without_deviation": lambda: make_pipeline(StandardScaler(with_std=False), LogisticRegression()),
    "random_forest": lambda: RandomForestClassifier(8, random_state=0),
    "extra_trees": lambda: ExtraTreesClassifier(8, random_state=0),
    "gradient_boosting_alone": lambda: GradientBoostingClassifier(n_estimators=8),
    "naive_bayes": GaussianNB,
    "discriminant_analysis": LinearDiscriminantAnalysis,
    "neural_network": lambda: make_pipeline(StandardScaler(), MLPClassifier((8,), max_iter=20)),
    "calibrated": lambda: CalibratedClassifierCV(RandomForestClassifier(4, random_state=0), cv=2),
    "polynomial": lambda: make_pipeline(StandardScaler(), PolynomialFeatures(), LogisticRegression()),
    "robust_scaler": lambda: make_pipeline(RobustScaler(), LogisticRegression(max_iter=500)),
    "with_a_step_that_does_nothing": lambda: Pipeline(
        [("nothing", "passthrough"), ("scale", MinMaxScaler((-1, 2))), ("last", LogisticRegression())]
    ),
    "pipeline_in_a_pipeline": lambda: make_pipeline(
        StandardScaler(), make_pipeline(MinMaxScaler(), LogisticRegression())
    ),
}

#: what is fitted in a way of its own
OWN_WAYS: dict[str, Callable[[np.ndarray, np.ndarray], Any]] = {
    "xgboost_stopped_early": _stopped_early(lambda: _xgboost(learning_rate=3.0, early_stopping_rounds=2)),
}

NAMES = tuple(f"{name}/{classes}" for name in (*HOLDS_NAN, *NEEDS_ALL, *OWN_WAYS) for classes in (2, 3))


def fitted(name: str) -> Any:
    """The estimator of one of ``NAMES``."""
    kind, _, classes = name.partition("/")
    rows = table()
    truth = labels(rows, int(classes))
    if kind in OWN_WAYS:
        return OWN_WAYS[kind](rows, truth)
    return {**HOLDS_NAN, **NEEDS_ALL}[kind]().fit(rows, truth)


def takes_nan(name: str) -> bool:
    return name.partition("/")[0] not in NEEDS_ALL
