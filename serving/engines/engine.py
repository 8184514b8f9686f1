"""What every engine promises.

Requests, batching and decisions know only the protocol, so that another runtime can stand behind the same
endpoint once it is shown to answer the same.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

#: [rows, features], in the order of the manifest's features
Rows = NDArray[np.float64]
#: [rows, classes], in the order of the manifest's classes
Probabilities = NDArray[np.float64]


class Engine(Protocol):
    """Computes the probability of each class for each row; safe to call from several threads."""

    def probabilities(self, rows: Rows) -> Probabilities:
        """Return one row of probabilities, in the order of the manifest's classes, for each of ``rows``.

        ``rows`` stay as they are, and the answer is the caller's own.
        """
        ...
