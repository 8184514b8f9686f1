"""Which engine asks an estimator: by its exact type, since a subclass may answer otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from serving.engines.engine import Engine
from serving.engines.native.lightgbm_trees import lightgbm_engine
from serving.engines.native.logistic import logistic_engine
from serving.engines.native.pipelined import Pipelined
from serving.engines.native.plain import Plain
from serving.engines.native.transforming import Transform, transform
from serving.engines.native.xgboost_trees import xgboost_engine

#: each answers an engine for the estimators that it knows, None for others
SHORT_WAYS: tuple[Callable[[Any], Engine | None], ...] = (logistic_engine, xgboost_engine, lightgbm_engine)


def native_engine(estimator: Any) -> Engine:
    """The engine that asks ``estimator``, which it leaves as it is."""
    transforms, last = _taken_apart(estimator)
    engine = next((found for way in SHORT_WAYS if (found := way(last)) is not None), None) or Plain(last)
    return Pipelined(transforms, engine) if transforms else engine


def _taken_apart(estimator: Any) -> tuple[list[Transform], Any]:
    """The steps of a pipeline before its last, and the last; any other estimator is its own last step."""
    # By name: a model of XGBoost or LightGBM alone needs nothing of scikit-learn's pipelines.
    if f"{type(estimator).__module__}.{type(estimator).__qualname__}" != "sklearn.pipeline.Pipeline":
        return [], estimator
    steps = [step for _, step in cast("list[tuple[str, Any]]", estimator.steps)]
    return [transform(step) for step in steps[:-1] if step is not None and step != "passthrough"], steps[-1]
