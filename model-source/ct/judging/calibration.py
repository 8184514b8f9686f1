"""Whether probabilities mean what they say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ct.arrays import Floats, Indices

BINS = 10


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Rows of similar confidence: what was promised, and what came true."""

    rows: int
    mean_confidence: float
    share_right: float


def reliability(truth: Indices, probabilities: Floats) -> tuple[ReliabilityBin, ...]:
    """Bins of about equally many rows by the confidence in the likeliest class.

    Equal counts instead of equal widths: a nearly empty bin would add noise and no knowledge. Rows of equal
    confidence share a bin, since which of them comes first says nothing.
    """
    confidence = probabilities.max(axis=1)
    right = (probabilities.argmax(axis=1) == truth).astype(np.float64)
    # For each row the number of less confident ones.
    _, place, counts = np.unique(confidence, return_inverse=True, return_counts=True)
    below = (np.cumsum(counts) - counts)[place]
    bins = below * BINS // len(confidence)
    parts = [np.flatnonzero(bins == place) for place in np.unique(bins)]
    return tuple(
        ReliabilityBin(len(part), float(confidence[part].mean()), float(right[part].mean())) for part in parts
    )


def expected_calibration_error(truth: Indices, probabilities: Floats) -> float:
    """Mean distance between confidence and the share that is right, weighted by rows."""
    return sum(
        part.rows / len(truth) * abs(part.mean_confidence - part.share_right)
        for part in reliability(truth, probabilities)
    )


def brier_score(truth: Indices, probabilities: Floats) -> float:
    """Mean squared error of the probabilities, halved for two classes as in the original definition."""
    classes = probabilities.shape[1]
    wanted = np.eye(classes)[truth]
    squared = float(((probabilities - wanted) ** 2).sum(axis=1).mean())
    return squared / 2 if classes == 2 else squared
