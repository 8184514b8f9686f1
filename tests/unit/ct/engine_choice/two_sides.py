"""Small tables with a known answer, and the manifest that goes with them."""

from __future__ import annotations

import numpy as np

from ct.arrays import Floats, Indices
from ct.data.dataset import Dataset
from ct.data.split import TrainTest
from serving.bundle import BundleManifest, FeatureSpec, FeatureType, MissingValues, OutOfRange, Task

FEATURES = (
    FeatureSpec(name="length", nullable=True),
    FeatureSpec(name="share", min=0, max=1, nullable=True),
    FeatureSpec(name="count", dtype=FeatureType.INTEGER, min=0),
    FeatureSpec(name="member", dtype=FeatureType.BOOLEAN),
)


def manifest(task: Task = Task.BINARY, missing: MissingValues = MissingValues.ACCEPT) -> BundleManifest:
    binary = task is Task.BINARY
    return BundleManifest(
        model="toy",
        task=task,
        features=FEATURES,
        classes=("no", "yes") if binary else ("low", "middle", "high"),
        positive_class="yes" if binary else None,
        threshold=0.4 if binary else None,
        missing_values=missing,
        out_of_range=OutOfRange.CLIP,
    )


def two_sides(classes: int = 2) -> TrainTest:
    random = np.random.default_rng(4)
    rows = np.column_stack(
        [
            random.normal(0, 50, 600),
            random.random(600),
            random.integers(0, 9, 600),
            random.integers(0, 2, 600),
        ]
    ).astype(np.float64)
    score = rows[:, 0] / 50 + 2 * rows[:, 1] + rows[:, 3] + random.normal(0, 0.5, 600)
    truth = np.digitize(score, np.quantile(score, np.arange(1, classes) / classes)).astype(np.int64)
    return TrainTest(_side(rows[:450], truth[:450]), _side(rows[450:], truth[450:]))


def _side(rows: Floats, truth: Indices) -> Dataset:
    return Dataset(rows, truth, np.arange(len(rows)))
