"""Any estimator that follows scikit-learn's API."""

from __future__ import annotations

from typing import Any

import numpy as np

from serving.engines.engine import Probabilities, Rows


class Plain:
    """Asks ``predict_proba``: right for whatever no shorter way is known for."""

    def __init__(self, estimator: Any) -> None:
        self._estimator = estimator

    def probabilities(self, rows: Rows) -> Probabilities:
        """Ask the estimator."""
        return np.asarray(self._estimator.predict_proba(rows), dtype=np.float64)
