"""From a bundle to the engine that its manifest names."""

from __future__ import annotations

from typing import Any

from serving.bundle import Bundle
from serving.engines.engine import Engine
from serving.engines.native.picking import native_engine


def open_engine(bundle: Bundle, threads: int = 1) -> Engine:
    """Open the engine of a loaded ``bundle``; this may start threads.

    Args:
        bundle: a loaded one; its estimator is told how many threads it may use.
        threads: that one prediction may use.

    Raises:
        BundleError: when ONNX Runtime can't open the graph.
    """
    if bundle.graph is None:
        _bind_threads(bundle.estimator, threads)
        return native_engine(bundle.estimator)
    # Only here: a native model's server needs no ONNX Runtime, which takes time and memory.
    from serving.engines.onnx import OnnxEngine  # noqa: PLC0415 - see above

    return OnnxEngine(bundle.graph, threads)


def _bind_threads(estimator: Any, threads: int) -> None:
    """Let an estimator that would take every core take ``threads``; its answers don't depend on it."""
    if not hasattr(estimator, "get_params"):
        return
    bound = {
        name: threads for name in estimator.get_params() if name == "n_jobs" or name.endswith("__n_jobs")
    }
    if bound:
        estimator.set_params(**bound)
    for part in (estimator, *(step for _, step in getattr(estimator, "steps", []))):
        if hasattr(part, "get_booster"):  # XGBoost's booster keeps a number of its own
            part.get_booster().set_param({"nthread": threads})
