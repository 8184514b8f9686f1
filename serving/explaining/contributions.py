"""What an explanation is made of, whatever kind of model it is of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from serving.engines.engine import Probabilities, Rows


class Space(StrEnum):
    """In which numbers contributions add up."""

    #: one number: the logarithm of the odds of the second class
    LOG_ODDS = "log-odds"
    #: a number for each class: their softmax is the probabilities
    SOFTMAX = "softmax-score"
    #: a number for each class: the probabilities themselves
    PROBABILITY = "probability"


@dataclass(frozen=True, slots=True)
class Contributions:
    """Of each feature to each output of the model, for each row; they and the base add up to the output."""

    #: [rows, features, outputs]
    values: NDArray[np.float64]
    #: [outputs]
    base: NDArray[np.float64]
    space: Space

    def outputs(self) -> NDArray[np.float64]:
        """What they add up to: [rows, outputs]."""
        return self.values.sum(axis=1) + self.base

    def probabilities(self) -> Probabilities:
        """What the model must have answered if they explain it."""
        outputs = self.outputs()
        if self.space is Space.PROBABILITY:
            return outputs
        # the log-odds of two classes are the softmax of themselves and zero
        scores = np.hstack([np.zeros_like(outputs), outputs]) if self.space is Space.LOG_ODDS else outputs
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)


class Attribution(Protocol):
    """Splits a model's output into what each feature contributes."""

    #: what :attr:`Contributions.base` is, as a person may read it
    base_is: str

    def contributions(self, inputs: Rows) -> Contributions:
        """Of ``inputs`` as the last step of the pipeline sees them."""
        ...


class Steps(Protocol):
    """The fitted steps before the model."""

    def transform(self, rows: Rows) -> Any:
        """The inputs that the model sees."""
        ...
