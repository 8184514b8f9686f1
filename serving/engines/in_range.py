"""What reaches the estimator in place of a value outside of its declared range.

No estimator knows what lies beyond the values that it learned from, and a wrong unit or a sentinel such as
999 would carry it anywhere. Training judges its candidates through the same door, so what is gated is served.
"""

from __future__ import annotations

import numpy as np

from serving.bundle import BundleManifest, OutOfRange
from serving.engines.engine import Engine, Probabilities, Rows


class Ranges:
    """The values that a manifest lets its estimator see."""

    def __init__(self, manifest: BundleManifest) -> None:
        self._low = np.array([-np.inf if f.min is None else f.min for f in manifest.features])
        self._high = np.array([np.inf if f.max is None else f.max for f in manifest.features])
        self._forget = manifest.out_of_range is OutOfRange.MISSING

    def inside(self, rows: Rows) -> Rows:
        """A copy of ``rows`` as the manifest's ``out_of_range`` says; NaN stays NaN."""
        inside = np.clip(rows, self._low, self._high)
        if self._forget:
            inside[(rows < self._low) | (rows > self._high)] = np.nan
        return inside


class InRange:
    """An engine that shows another one only values inside of the manifest's ranges."""

    def __init__(self, engine: Engine, manifest: BundleManifest) -> None:
        self._engine = engine
        self._ranges = Ranges(manifest)

    def probabilities(self, rows: Rows) -> Probabilities:
        """Answer ``rows`` as the manifest's ``out_of_range`` says."""
        return self._engine.probabilities(self._ranges.inside(rows))
