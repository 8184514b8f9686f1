"""How much the metric depends on each feature."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ct.arrays import Floats
from ct.data.dataset import Dataset
from ct.judging.decision import ask, decide
from ct.judging.metrics import METRICS
from ct.spec import ModelSpec
from serving.engines.engine import Engine

SHUFFLES = 5


def permutation_importance(engine: Engine, data: Dataset, spec: ModelSpec) -> Mapping[str, float]:
    """The mean fall of the metric while one feature is shuffled among the rows, by feature."""
    random = np.random.default_rng(spec.split.seed)
    manifest = spec.manifest()
    weights = np.ones((1, len(data)))

    def score(X: Floats) -> float:
        probabilities = ask(engine, X, manifest)
        return float(METRICS[spec.metric](data.y, probabilities, decide(probabilities, manifest), weights)[0])

    clean = score(data.X)
    drops: dict[str, float] = {}
    for place, name in enumerate(spec.feature_names):
        falls: list[float] = []
        for _ in range(SHUFFLES):
            shuffled = data.X.copy()
            shuffled[:, place] = random.permutation(shuffled[:, place])
            falls.append(clean - score(shuffled))
        drops[name] = float(np.mean(falls))
    return drops
