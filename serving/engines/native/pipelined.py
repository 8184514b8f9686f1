"""A scikit-learn Pipeline, step by step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from serving.engines.engine import Engine, Probabilities, Rows
from serving.engines.native.transforming import Transform


class Pipelined:
    """Passes rows through transforms to the engine of the last step, without the Pipeline's bookkeeping."""

    def __init__(self, transforms: Sequence[Transform], engine: Engine) -> None:
        self._transforms = tuple(transforms)
        self._engine = engine

    def probabilities(self, rows: Rows) -> Probabilities:
        """Transform, then ask."""
        # A huge value may overflow; what comes of it is for whoever reads the answer to judge.
        with np.errstate(over="ignore", invalid="ignore"):
            for transform in self._transforms:
                rows = transform(rows)
            return self._engine.probabilities(rows)
