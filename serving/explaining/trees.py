# pyright: basic
# shap and the models that it takes apart are untyped.
"""Contributions to a model of trees, by SHAP's exact algorithm for them.

Unknown features are averaged over the training rows that reached each node, which the trees have counted, so
no background data is needed (tree-path-dependent Shapley values, doi:10.1038/s42256-019-0138-9).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from serving.engines.engine import Rows
from serving.explaining.contributions import Contributions, Space

#: what the outputs of the models are whose trees are added up
BOOSTED = (
    "XGBClassifier", "LGBMClassifier", "GradientBoostingClassifier", "HistGradientBoostingClassifier",
)  # fmt: skip
#: and of those whose trees are averaged
AVERAGED = (
    "RandomForestClassifier", "ExtraTreesClassifier", "DecisionTreeClassifier", "ExtraTreeClassifier",
)  # fmt: skip
CLASSES = (*BOOSTED, *AVERAGED)


class TreeAttribution:
    """Explains a fitted model of trees.

    Raises:
        Exception: whatever shap raises when it can't take this model apart.
    """

    base_is = "the mean of the model's outputs for the training rows, as its trees have counted them"

    def __init__(self, model: Any) -> None:
        from shap import TreeExplainer  # noqa: PLC0415 - takes seconds, and linear models do without

        self._explainer = TreeExplainer(model, feature_perturbation="tree_path_dependent")
        self._averages = type(model).__name__ in AVERAGED

    def contributions(self, inputs: Rows) -> Contributions:
        """Exact up to the precision of the model's library, which is float32 for XGBoost."""
        values = np.asarray(self._explainer.shap_values(inputs, check_additivity=False), dtype=np.float64)
        base = np.asarray(self._explainer.expected_value, dtype=np.float64).reshape(-1)
        if values.ndim == 2:
            values = values[:, :, None]
        return Contributions(values, base, self._space(len(base)))

    def _space(self, outputs: int) -> Space:
        if self._averages:
            return Space.PROBABILITY
        return Space.LOG_ODDS if outputs == 1 else Space.SOFTMAX
