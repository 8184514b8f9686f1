"""The hot path around a small model, without files, a bento or a process."""

from __future__ import annotations

import numpy as np

from homeostat.release import GateResult, Outcome, Release
from serving.batching.batcher import Batcher
from serving.batching.limits import Limits
from serving.bundle import BundleManifest, FeatureSpec, FeatureType, Task
from serving.capture.capture import NoCapture
from serving.engines.engine import Engine, Probabilities, Rows
from serving.faults import NoFaults
from serving.hot_path import HotPath
from serving.metrics import Board, Layout, Metrics
from serving.predictor import Predictor
from serving.protocol import Served, create_app
from serving.readiness import Readiness

VERSION = 3
FEATURES = ("age", "visits", "member")
MANIFEST = BundleManifest(
    model="toy",
    task=Task.BINARY,
    features=(
        FeatureSpec(name="age", min=-10, max=10),
        FeatureSpec(name="visits", dtype=FeatureType.INTEGER),
        FeatureSpec(name="member", dtype=FeatureType.BOOLEAN),
    ),
    classes=("stays", "leaves"),
    positive_class="leaves",
    threshold=0.5,
    max_batch=8,
)
RELEASE = Release(
    model="toy",
    version=VERSION,
    model_sha256="3" * 64,
    bento_digest="4" * 64,
    run_id="0" * 32,
    data_sha256="1" * 64,
    inputs_digest="2" * 64,
    source_commit="a" * 40,
    gates=(GateResult(name="g", outcome=Outcome.PASSED, value=1.0, bound=0.0, sentence="Fine."),),
)


class Logistic:
    """A logistic regression whose weights are written here, so that nothing has to be trained."""

    def probabilities(self, rows: Rows) -> Probabilities:
        """The probability of staying and of leaving."""
        odds = np.clip(rows @ np.array([0.5, -0.25, 1.0]), -700, 700)
        leaves = 1 / (1 + np.exp(-odds))
        return np.column_stack([1 - leaves, leaves])


def hot_path(engine: Engine, deadline_seconds: float = 30.0, limits: Limits | None = None) -> HotPath:
    """Our application without BentoML, which is not asked for inference."""
    layout = Layout.of(RELEASE, MANIFEST)
    metrics = Metrics(layout, Board.create(layout, workers=1))
    # Never alone, so that every request takes the way through the engine's thread.
    batcher = Batcher(engine, limits or Limits(), lambda: False, metrics)
    predictor = Predictor(MANIFEST, batcher, metrics, NoFaults(), NoCapture())
    served = Served(RELEASE, predictor, metrics, Readiness(ready=True), deadline_seconds=deadline_seconds)
    return HotPath(served, create_app(served))
