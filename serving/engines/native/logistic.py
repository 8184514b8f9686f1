# pyright: basic
# scikit-learn's fitted attributes and scipy's special functions are not typed.
"""Logistic regression: a product, a sum and a curve."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from serving.engines.engine import Engine, Probabilities, Rows


def logistic_engine(estimator: Any) -> Engine | None:
    """An engine for scikit-learn's LogisticRegression, None for other estimators."""
    if type(estimator) is not LogisticRegression or estimator.coef_.dtype != np.float64:
        return None
    return _TwoClasses(estimator) if len(estimator.classes_) == 2 else _ManyClasses(estimator)


class _TwoClasses:
    def __init__(self, estimator: Any) -> None:
        self._weights = estimator.coef_.T
        self._intercept = estimator.intercept_

    def probabilities(self, rows: Rows) -> Probabilities:
        scores = rows @ self._weights
        scores += self._intercept
        answer = np.empty((len(rows), 2))
        positive = answer[:, 1:]
        expit(scores, out=positive)
        np.subtract(1.0, positive, out=answer[:, :1])
        return answer


class _ManyClasses:
    def __init__(self, estimator: Any) -> None:
        self._weights = estimator.coef_.T
        self._intercept = estimator.intercept_

    def probabilities(self, rows: Rows) -> Probabilities:
        scores = rows @ self._weights
        scores += self._intercept
        # Less the largest, so that no exponential overflows.
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=1, keepdims=True)
        return scores
