"""How long one prediction takes, without the network."""

from __future__ import annotations

import time

import numpy as np

from ct.arrays import Floats
from ct.judging.decision import ask
from serving.bundle import BundleManifest
from serving.engines.engine import Engine

WARM_UP = 10
CALLS = 200


def single_row_latency_seconds(engine: Engine, X: Floats, manifest: BundleManifest) -> float:
    """The 95th percentile over ``CALLS`` predictions of one row each, after warming up."""
    rows = [X[place % len(X)][np.newaxis, :] for place in range(WARM_UP + CALLS)]
    for row in rows[:WARM_UP]:
        ask(engine, row, manifest)
    seconds: list[float] = []
    for row in rows[WARM_UP:]:
        began = time.perf_counter()
        ask(engine, row, manifest)
        seconds.append(time.perf_counter() - began)
    return float(np.quantile(seconds, 0.95))
