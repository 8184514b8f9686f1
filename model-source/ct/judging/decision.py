"""What is answered for rows: training and judging ask an engine and decide exactly as serving does."""

from __future__ import annotations

import numpy as np

import serving.decision
from ct.arrays import Floats, Indices
from serving.bundle import BundleManifest
from serving.engines.engine import Engine
from serving.engines.in_range import InRange


def ask(engine: Engine, X: Floats, manifest: BundleManifest) -> Floats:
    """The probabilities of the manifest's classes for each row."""
    return InRange(engine, manifest).probabilities(X)


def decide(probabilities: Floats, manifest: BundleManifest) -> Indices:
    """The indices of the answered classes, in the order of the manifest's classes."""
    return serving.decision.decide(manifest, probabilities).chosen.astype(np.int64)
