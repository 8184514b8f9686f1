"""What happens to the metric when one input is broken: missing, or outside of its declared range."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ct.candidate import Estimator
from ct.dataset import Dataset
from ct.decision import decide
from ct.metrics import METRICS, Floats
from ct.spec import ModelSpec
from lifecycle.gates.evidence import Stress
from serving.bundle import MissingValues


def worst_stress(estimator: Estimator, data: Dataset, spec: ModelSpec) -> Stress:
    """Break one input of every row at a time and tell the worst fall of the metric.

    An estimator that raises or answers something else than probabilities has no drop to tell: NaN, which the
    gate refuses.
    """
    clean = _metric(estimator, data, data.X, spec)
    worst = Stress(0.0, "no input")
    for case, broken in _breakages(data.X, spec):
        drop = clean - _metric(estimator, data, broken, spec)
        if not np.isfinite(drop):
            return Stress(float("nan"), case)
        if worst.drop is not None and drop > worst.drop:
            worst = Stress(drop, case)
    return worst


def _breakages(X: Floats, spec: ModelSpec) -> Iterator[tuple[str, Floats]]:
    for place, feature in enumerate(spec.features):
        if spec.serving.missing_values is MissingValues.ACCEPT and feature.nullable:
            yield f"'{feature.name}' missing", _with(X, place, np.nan)
        width = (feature.max - feature.min) if feature.min is not None and feature.max is not None else 0.0
        # Ten times the range away: what a wrong unit or a sentinel value looks like.
        if feature.max is not None:
            yield f"'{feature.name}' far above its range", _with(X, place, feature.max + 10 * (width or 1.0))
        if feature.min is not None:
            yield f"'{feature.name}' far below its range", _with(X, place, feature.min - 10 * (width or 1.0))


def _with(X: Floats, column: int, value: float) -> Floats:
    broken = X.copy()
    broken[:, column] = value
    return broken


def _metric(estimator: Estimator, data: Dataset, X: Floats, spec: ModelSpec) -> float:
    try:
        probabilities = np.asarray(estimator.predict_proba(X), dtype=np.float64)
    except ValueError:
        return float("nan")
    if not np.isfinite(probabilities).all():
        return float("nan")
    weights = np.ones((1, len(data)))
    return float(
        METRICS[spec.metric](data.y, probabilities, decide(probabilities, spec.manifest()), weights)[0]
    )
