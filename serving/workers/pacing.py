"""How long to wait before a dead worker's place is filled again.

One death is answered at once: capacity is missing. A worker that dies again and again is given longer and
longer pauses, so that a broken machine or a poisonous request does not become a storm of forks.
"""

from __future__ import annotations

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 10.0
#: a worker that lived for this long was healthy: what happened before is forgotten
FORGET_SECONDS = 30.0


def deaths_in_a_row(before: int, lived_seconds: float) -> int:
    """Deaths in a row, the one after ``lived_seconds`` included.

    >>> deaths_in_a_row(3, 1.0), deaths_in_a_row(3, 60.0)
    (4, 1)
    """
    return 1 if lived_seconds >= FORGET_SECONDS else before + 1


def pause_seconds(deaths: int) -> float:
    """The pause after so many ``deaths`` in a row.

    >>> [pause_seconds(deaths) for deaths in (1, 2, 3, 4, 100)]
    [0.0, 0.1, 0.2, 0.4, 10.0]
    """
    if deaths <= 1:
        return 0.0
    return min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(deaths - 2, 16))
