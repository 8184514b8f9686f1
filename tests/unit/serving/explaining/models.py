"""Real fitted models of each kind, on data with an interaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from lightgbm import LGBMClassifier
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from serving.bundle import Bundle, BundleManifest, FeatureSpec, Task

NAMES = ("age", "visits", "salary", "weight")

MODELS: Mapping[str, Callable[[], Any]] = {
    "logistic regression": LogisticRegression,
    "xgboost": lambda: XGBClassifier(n_estimators=10, max_depth=3, n_jobs=1),
    "lightgbm": lambda: LGBMClassifier(n_estimators=10, verbose=-1, n_jobs=1),
    "histogram gradient boosting": lambda: HistGradientBoostingClassifier(max_iter=10),
    "random forest": lambda: RandomForestClassifier(10, max_depth=4),
    "extra trees": lambda: ExtraTreesClassifier(10, max_depth=4),
    "decision tree": lambda: DecisionTreeClassifier(max_depth=4),
    "scaled logistic regression": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
    "prepared logistic regression": lambda: prepared(LogisticRegression()),
    "prepared xgboost": lambda: prepared(XGBClassifier(n_estimators=10, max_depth=3, n_jobs=1)),
    "nested pipeline": lambda: make_pipeline(
        make_pipeline(StandardScaler(), None), "passthrough", LogisticRegression()
    ),
}
#: SHAP takes this one for two classes only
TWO_CLASSES: Mapping[str, Callable[[], Any]] = {
    "gradient boosting": lambda: GradientBoostingClassifier(n_estimators=10),
    "prepared gradient boosting": lambda: prepared(GradientBoostingClassifier(n_estimators=10)),
}


def prepared(model: Any) -> Any:
    """As every standard candidate of training."""
    imputer = SimpleImputer(strategy="median", keep_empty_features=True)
    return make_pipeline(MinMaxScaler(clip=True), imputer, model)


def table(rows: int = 200) -> np.ndarray:
    return np.random.default_rng(7).normal(size=(rows, len(NAMES)))


def labels(rows: np.ndarray, classes: int) -> np.ndarray:
    score = rows[:, 0] + rows[:, 1] * rows[:, 2]
    return np.digitize(score, [0.0] if classes == 2 else [-0.7, 0.7])


def manifest(classes: int = 2, **changes: Any) -> BundleManifest:
    binary = {"positive_class": "yes", "threshold": 0.5} if classes == 2 else {}
    values = {
        "model": "toy",
        "task": Task.BINARY if classes == 2 else Task.MULTICLASS,
        "features": tuple(FeatureSpec(name=name, min=-2, max=2) for name in NAMES),
        "classes": ("no", "yes") if classes == 2 else ("low", "middle", "high"),
        "means": tuple(table().mean(axis=0).tolist()),
        **binary,
        **changes,
    }
    return BundleManifest.model_validate(values)


def bundle(make: Callable[[], Any], classes: int = 2, **changes: Any) -> Bundle:
    rows = table()
    return Bundle(manifest(classes, **changes), make().fit(rows, labels(rows, classes)), "0" * 64)
