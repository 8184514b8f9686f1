# pyright: basic
# LightGBM is typed only in parts.
"""LightGBM: the booster itself, without the classifier's checks."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from serving.engines.engine import Engine, Probabilities, Rows

#: of others the classifier computes more, or less
OBJECTIVES = ("binary", "multiclass", "multiclassova")


def lightgbm_engine(estimator: Any) -> Engine | None:
    """An engine for LightGBM's LGBMClassifier, None for other estimators."""
    # A model of LightGBM has imported it; others need not wait for that.
    library = sys.modules.get("lightgbm")
    if library is None or type(estimator) is not library.LGBMClassifier:
        return None
    return _Booster(estimator) if estimator.objective_ in OBJECTIVES else None


class _Booster:
    def __init__(self, estimator: Any) -> None:
        self._predict = estimator.booster_.predict
        own = estimator._process_params(stage="predict")  # noqa: SLF001 - the classifier's own rule
        # Of these the booster reads its own copy, but for what changes how it predicts.
        chosen = {name: value for name, value in own.items() if name.startswith("pred")}
        # n_jobs of None means all the threads that OpenMP was given, as it does to the classifier.
        jobs = estimator._process_n_jobs(estimator.n_jobs)  # noqa: SLF001 - as above
        self._options = {**chosen, "num_threads": jobs, "predict_disable_shape_check": True}

    def probabilities(self, rows: Rows) -> Probabilities:
        found = self._predict(rows, **self._options)
        if found.ndim == 2:
            return found
        answer = np.empty((len(rows), 2))
        answer[:, 0] = 1.0 - found
        answer[:, 1] = found
        return answer
