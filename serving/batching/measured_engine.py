"""The engine as the batcher calls it: timed, its answer checked, and without errors that end a thread."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from serving.batching.call_time import CallTime
from serving.engines.engine import Engine, Probabilities, Rows
from serving.errors import BadAnswer


class MeasuredEngine:
    """Another engine, whose calls teach ``call_time``."""

    __slots__ = ("_clock", "_engine", "call_time")

    def __init__(self, engine: Engine, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._clock = clock
        self.call_time = CallTime()

    def probabilities(self, rows: Rows) -> Probabilities:
        """The engine's answer to ``rows``, one row for each of them; some may not be finite.

        Raises:
            BadAnswer: when it has another shape.
            Exception: what the engine raises.
        """
        began = self._clock()
        try:
            answer = self._engine.probabilities(rows)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self.call_time.wasted(len(rows), self._clock() - began)
            if isinstance(error, Exception):
                raise
            # A compiled model's panic or its SystemExit is one request's failure and not the process's end.
            raise BadAnswer(f"The model gave up with {type(error).__name__}: {error}.") from error
        self.call_time.took(len(rows), self._clock() - began)
        if answer.ndim != 2 or len(answer) != len(rows):
            raise BadAnswer(
                f"The model answered an array of shape {list(answer.shape)} for {len(rows)} rows: "
                "one row of probabilities is needed for each."
            )
        return answer


def is_finite(probabilities: Probabilities) -> bool:
    """Whether every value is a number; one product is a third of the time of looking at each."""
    flat = probabilities.ravel()
    return math.isfinite(np.dot(flat, flat)) or bool(np.isfinite(flat).all())


def not_finite() -> BadAnswer:
    """The error for rows whose probabilities are no numbers."""
    return BadAnswer("The model answered probabilities that are not finite.")
