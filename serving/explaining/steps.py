# pyright: basic
# scikit-learn's pipelines and transformers are typed only in parts.
"""The steps in front of a model: those that keep every column the one of its feature.

Only then is the contribution of an input the contribution of a feature.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from serving.engines.engine import Rows
from serving.errors import NotExplainable

#: change each column by itself, and leave none out
ONE_TO_ONE = (
    "StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler", "PowerTransformer",
    "QuantileTransformer",
)  # fmt: skip


class OneToOneSteps:
    """Fitted steps, one after the other."""

    def __init__(self, steps: tuple[Any, ...]) -> None:
        self._steps = steps

    def transform(self, rows: Rows) -> Rows:
        """What the model behind the steps sees."""
        for step in self._steps:
            rows = step.transform(rows)
        return np.asarray(rows, dtype=np.float64)


def split(estimator: Any) -> tuple[OneToOneSteps, Any]:
    """The steps before the model, and the model.

    Raises:
        NotExplainable: when a step mixes, adds or leaves out columns.
    """
    *before, model = _flat(estimator)
    for step in before:
        _check(step)
    return OneToOneSteps(tuple(before)), model


def _flat(estimator: Any) -> Iterator[Any]:
    if type(estimator).__name__ != "Pipeline":
        yield estimator
        return
    for _, step in estimator.steps:
        if step is not None and step != "passthrough":
            yield from _flat(step)


def _check(step: Any) -> None:
    kind = type(step).__name__
    if kind in ONE_TO_ONE and type(step).__module__.startswith("sklearn."):
        return
    if kind == "SimpleImputer":
        if step.add_indicator:
            raise NotExplainable("the step SimpleImputer adds columns of its own (add_indicator)")
        # Without a value in training there is nothing to fill with, and then it leaves the column out.
        numbers = np.asarray(step.statistics_, dtype=np.float64)
        if np.isnan(numbers).any() and not step.keep_empty_features:
            raise NotExplainable("the step SimpleImputer leaves out columns that were empty in training")
        return
    raise NotExplainable(f"the step {kind} may mix columns, so their contributions are not those of features")
