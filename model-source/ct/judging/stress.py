"""What happens to the metric when one input is broken: missing, or outside of its declared range."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ct.arrays import Floats
from ct.data.dataset import Dataset
from ct.judging.decision import ask, decide
from ct.judging.metrics import METRICS
from ct.spec import DeclaredFeature, ModelSpec
from lifecycle.gates.evidence import Stress
from serving.bundle import MissingValues
from serving.engines.engine import Engine


def worst_stress(engine: Engine, data: Dataset, spec: ModelSpec) -> Stress:
    """Break one input of every row at a time and tell the worst fall of the metric.

    An engine that raises or answers something else than probabilities has no drop to tell: NaN, which the
    gate refuses.
    """
    clean = _metric(engine, data, data.X, spec)
    worst, where = -np.inf, "nothing broken"
    for case, broken in _breakages(data.X, spec):
        drop = clean - _metric(engine, data, broken, spec)
        if not np.isfinite(drop):
            return Stress(float("nan"), case)
        if drop > worst:
            worst, where = drop, case
    return Stress(max(float(worst), 0.0), where)


def _breakages(X: Floats, spec: ModelSpec) -> Iterator[tuple[str, Floats]]:
    for place, feature in enumerate(spec.features):
        if spec.serving.missing_values is MissingValues.ACCEPT and feature.nullable:
            yield f"'{feature.name}' missing", _with(X, place, np.nan)
        low, high = _range(feature, X[:, place])
        # Ten times the range away: what a wrong unit or a sentinel value looks like.
        away = 10 * ((high - low) or 1.0)
        yield f"'{feature.name}' far above its range", _with(X, place, high + away)
        yield f"'{feature.name}' far below its range", _with(X, place, low - away)


def _range(feature: DeclaredFeature, column: Floats) -> tuple[float, float]:
    """As declared; where nothing is, as the rows have it: a wrong unit hurts an unbounded input most."""
    seen = column[np.isfinite(column)]
    low, high = (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 0.0)
    return (low if feature.min is None else feature.min), (high if feature.max is None else feature.max)


def _with(X: Floats, column: int, value: float) -> Floats:
    broken = X.copy()
    broken[:, column] = value
    return broken


def _metric(engine: Engine, data: Dataset, X: Floats, spec: ModelSpec) -> float:
    try:
        probabilities = ask(engine, X, spec.manifest())
    except ValueError:
        return float("nan")
    if not np.isfinite(probabilities).all():
        return float("nan")
    weights = np.ones((1, len(data)))
    return float(
        METRICS[spec.metric](data.y, probabilities, decide(probabilities, spec.manifest()), weights)[0]
    )
