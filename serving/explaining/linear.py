# pyright: basic
# scikit-learn's fitted attributes are untyped.
"""Contributions to a linear model: exact, and a line of arithmetic.

What SHAP's LinearExplainer gives for inputs that are taken for independent: the coefficient times how far the
input lies from the average one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from serving.engines.engine import Rows
from serving.explaining.contributions import Contributions, Space

CLASSES = ("LogisticRegression",)


class LinearAttribution:
    """Explains a fitted linear classifier relative to ``average``, the inputs of an average row."""

    base_is = "the model's output for a row of the training rows' means"

    def __init__(self, model: Any, average: Rows) -> None:
        self._coefficients = np.asarray(model.coef_, dtype=np.float64)
        self._average = average
        self._base = average[0] @ self._coefficients.T + np.asarray(model.intercept_, dtype=np.float64)
        self._space = Space.LOG_ODDS if len(self._base) == 1 else Space.SOFTMAX

    def contributions(self, inputs: Rows) -> Contributions:
        """Exact for every row."""
        distance = inputs - self._average
        values = distance[:, :, None] * self._coefficients.T[None, :, :]
        return Contributions(values, self._base, self._space)
