# pyright: basic
# scikit-learn and xgboost are typed only in parts.
"""The candidates that every model is tried with, the simplest first.

All clip each input to the range seen in training, since no tree and no line knows what lies beyond, and fill
what is missing with the median. One thread each: the order of a parallel sum would change the model's bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sklearn.ensemble import GradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler
from xgboost import XGBClassifier

from ct.candidate import Candidate, Estimator


def standard_candidates(seed: int) -> Sequence[Candidate]:
    """Logistic regression, gradient boosting and XGBoost, each in few sizes."""
    return (
        Candidate("logistic_regression", lambda: prepared(LogisticRegression(C=1.0, max_iter=1000))),
        Candidate(
            "gradient_boosting",
            lambda: prepared(
                GradientBoostingClassifier(
                    n_estimators=80, max_depth=3, learning_rate=0.1, subsample=0.8, random_state=seed
                )
            ),
        ),
        Candidate("xgboost_shallow", lambda: prepared(_xgboost(seed, depth=3))),
        Candidate("xgboost_deep", lambda: prepared(_xgboost(seed, depth=5))),
    )


def prepared(estimator: object) -> Estimator:
    """Put clipping and filling in front of ``estimator``."""
    steps = [
        ("range", MinMaxScaler(clip=True)),
        ("missing", SimpleImputer(strategy="median", keep_empty_features=True)),
        ("classifier", estimator),
    ]
    return cast("Estimator", Pipeline(steps))  # its predict_proba appears only when asked for


def _xgboost(seed: int, depth: int) -> object:
    return XGBClassifier(
        n_estimators=80,
        max_depth=depth,
        learning_rate=0.1,
        subsample=0.8,
        tree_method="hist",
        n_jobs=1,
        random_state=seed,
    )
