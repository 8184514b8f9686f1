"""A BentoML service with an API route of its own; it serves the model in ``BENCH_MODEL``."""

import os
import pickle
from pathlib import Path

import bentoml
import numpy as np


@bentoml.service(
    workers=1,
    traffic={"timeout": 60},
    metrics={"enabled": True},
    logging={"access": {"enabled": False}},
)
class Bench:
    def __init__(self):
        self._estimator = pickle.loads((Path(os.environ["BENCH_MODEL"]) / "model.pkl").read_bytes())

    @bentoml.api
    async def predict(self, rows: np.ndarray) -> np.ndarray:
        # Called in the loop: faster in one process than a hop to a thread and back.
        return self._estimator.predict_proba(rows)
