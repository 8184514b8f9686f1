"""What training chooses between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from ct.arrays import Floats, Indices


class Estimator(Protocol):
    """The part of scikit-learn's API that the harness uses."""

    def fit(self, X: Floats, y: Indices) -> Any:
        """Learn from rows (NaN where a value is missing) and class indices."""
        ...

    def predict_proba(self, X: Floats) -> Floats:
        """Probabilities, rows x classes."""
        ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A named way to make an unfitted estimator; equal calls must make equal estimators."""

    name: str
    make: Callable[[], Estimator]
