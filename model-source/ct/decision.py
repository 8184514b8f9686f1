"""From probabilities to the class that is answered: training and judging decide exactly as serving does."""

from __future__ import annotations

import numpy as np

import serving.decision
from ct.metrics import Floats, Indices
from serving.bundle import BundleManifest


def decide(probabilities: Floats, manifest: BundleManifest) -> Indices:
    """The indices of the answered classes, in the order of the manifest's classes."""
    return serving.decision.decide(manifest, probabilities).chosen.astype(np.int64)
