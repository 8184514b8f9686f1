# pyright: basic
# scikit-learn's fitted attributes are not typed.
"""Steps before the last one: the arithmetic alone where it is simple, else the step's own ``transform``.

The arithmetic is scikit-learn's, operation by operation in the same order, so the bits are the same; the
tests compare them for random tables.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from serving.engines.engine import Rows

#: never changes the rows that it is given
Transform = Callable[[Rows], Rows]


def transform(step: Any) -> Transform:
    """What ``step`` does to rows."""
    short_way = _SHORT_WAYS.get(type(step))
    # A step that was asked to answer data frames is left to do so.
    if short_way is None or hasattr(step, "_sklearn_output_config"):
        return step.transform
    return short_way(step) or step.transform


def _min_max(step: Any) -> Transform:
    scale, offset = step.scale_, step.min_
    low, high = step.feature_range

    def scaled(rows: Rows) -> Rows:
        answer = rows * scale
        answer += offset
        return answer

    def clipped(rows: Rows) -> Rows:
        answer = scaled(rows)
        return np.clip(answer, low, high, out=answer)

    return clipped if step.clip else scaled


def _standard(step: Any) -> Transform:
    mean = step.mean_ if step.with_mean else None
    scale = step.scale_ if step.with_std else None

    def scaled(rows: Rows) -> Rows:
        answer = rows.copy() if mean is None else rows - mean
        if scale is not None:
            answer /= scale
        return answer

    return scaled


def _impute(step: Any) -> Transform | None:
    filling = step.statistics_
    only_nan = isinstance(step.missing_values, float) and np.isnan(step.missing_values)
    if not only_nan or step.add_indicator or filling.dtype != np.float64:
        return None
    if np.isnan(filling).any():  # such columns are dropped, or filled with NaN
        return None

    def imputed(rows: Rows) -> Rows:
        return np.where(np.isnan(rows), filling, rows)

    return imputed


_SHORT_WAYS: dict[type, Callable[[Any], Transform | None]] = {
    MinMaxScaler: _min_max,
    StandardScaler: _standard,
    SimpleImputer: _impute,
}
