# pyright: basic
# XGBoost is typed only in parts.
"""XGBoost: the booster reads the rows where they lie, without the classifier's way there."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from serving.engines.engine import Engine, Probabilities, Rows

#: of others the booster's answer is no probability, or the classifier computes more
OBJECTIVES = ("binary:logistic", "multi:softprob")


def xgboost_engine(estimator: Any) -> Engine | None:
    """An engine for XGBoost's XGBClassifier, None for other estimators."""
    # A model of XGBoost has imported it; others need not wait for that.
    library = sys.modules.get("xgboost")
    if library is None or type(estimator) is not library.XGBClassifier:
        return None
    if estimator.objective not in OBJECTIVES or not estimator._can_use_inplace_predict():  # noqa: SLF001
        return None
    return _Booster(estimator)


class _Booster:
    def __init__(self, estimator: Any) -> None:
        self._predict = estimator.get_booster().inplace_predict
        self._missing = estimator.missing
        # With early stopping the trees after the best one are left out; (0, 0) is all of them.
        self._trees = estimator._get_iteration_range(None)  # noqa: SLF001 - the classifier's own rule

    def probabilities(self, rows: Rows) -> Probabilities:
        found = self._predict(rows, iteration_range=self._trees, missing=self._missing)
        if found.ndim == 2:
            return found.astype(np.float64)
        answer = np.empty((len(rows), 2))
        # The classifier subtracts in single precision.
        answer[:, 0] = np.float32(1.0) - found
        answer[:, 1] = found
        return answer
