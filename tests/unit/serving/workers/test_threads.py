"""Libraries that compute with several threads: the master has none of them, the workers have their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from lightgbm import LGBMClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from xgboost import XGBClassifier

from serving.bundle import BundleManifest

ROWS = [[1.0, 2.0, 0.0], [-3.0, 4.0, 1.0]]


@pytest.mark.parametrize(
    "estimator",
    [
        XGBClassifier(n_estimators=20),
        LGBMClassifier(n_estimators=20, verbose=-1),
        HistGradientBoostingClassifier(),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_a_model_that_computes_with_two_threads_answers_in_every_worker(
    start: Callable[..., Any],
    pack: Callable[[object, BundleManifest], Any],
    manifest: BundleManifest,
    estimator: Any,
):
    rows = np.random.default_rng(7).normal(size=(300, 3))
    estimator.fit(rows, (rows[:, 0] > 0).astype(int))
    settings = {"OMP_NUM_THREADS": "2", "HOMEOSTAT_SERVING_WORKERS": "2"}
    server = start(pack(estimator, manifest), settings=settings)
    server.await_ready()

    assert len(list(Path(f"/proc/{server.process.pid}/task").iterdir())) == 1
    wanted = [manifest.classes[int(label)] for label in estimator.predict(np.array(ROWS))]
    # a client of its own for each request, so that both workers are asked
    for _ in range(6):
        answer = httpx.post(f"{server.url}/v1/models/toy:predict", json={"instances": ROWS}, trust_env=False)
        assert answer.json() == {"predictions": wanted}
    assert server.stop() == 0
