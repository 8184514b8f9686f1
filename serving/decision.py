"""From probabilities to labels: the one place that knows thresholds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serving.bundle import BundleManifest
from serving.engines.engine import Probabilities


@dataclass(frozen=True, slots=True)
class Decision:
    """What the model says about each row of one request."""

    probabilities: Probabilities
    #: index of the answered class for each row
    chosen: NDArray[np.intp]
    classes: tuple[int | str, ...]

    @property
    def labels(self) -> list[int | str]:
        """The answered class of each row."""
        return [self.classes[index] for index in self.chosen.tolist()]

    @property
    def confidences(self) -> NDArray[np.float64]:
        """The probability that the model gives to the class that it answers, for each row."""
        return self.probabilities[np.arange(len(self.chosen)), self.chosen]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many rows got each class."""
        return Counter(str(label) for label in self.labels)


def decide(manifest: BundleManifest, probabilities: Probabilities) -> Decision:
    """Choose a class for every row.

    In a binary task the positive class is chosen when its probability reaches the threshold, in others the
    most probable one.
    """
    if manifest.positive_class is None or manifest.threshold is None:
        return Decision(probabilities, probabilities.argmax(axis=1), manifest.classes)
    positive = manifest.classes.index(manifest.positive_class)
    reached = probabilities[:, positive] >= manifest.threshold
    return Decision(probabilities, np.where(reached, positive, 1 - positive), manifest.classes)
