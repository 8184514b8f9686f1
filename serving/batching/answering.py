"""One batch's requests and what each comes to: those that make the engine fail are found by halving.

A call that fails says nothing about whose rows did it, so its two halves are asked again, and theirs: among
32 requests one culprit costs 10 more calls, and its neighbours get their answers. An answer that is not
finite says whose rows they are: each of these is asked once more, alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from serving.batching.measured_engine import is_finite, not_finite
from serving.batching.pending import Outcome
from serving.engines.engine import Engine, Probabilities, Rows
from serving.errors import ClientLeft


class Question(Protocol):
    """One request as the engine's side sees it."""

    rows: Rows

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits for the answer."""
        ...


def answer_all(engine: Engine, questions: Sequence[Question]) -> list[Outcome]:
    """The outcome of each of ``questions``: its own rows' probabilities, or the error that its rows cause.

    They are asked in one call; the answers are views of one array.
    """
    outcomes: list[Outcome] = [_UNASKED] * len(questions)
    _ask(engine, questions, list(range(len(questions))), outcomes)
    return outcomes


#: of a request that nobody waits for any more, so nobody sees it
_UNASKED = ClientLeft()


def _ask(engine: Engine, questions: Sequence[Question], asked: list[int], outcomes: list[Outcome]) -> None:
    tables = [questions[index].rows for index in asked]
    try:
        answer = engine.probabilities(tables[0] if len(tables) == 1 else np.concatenate(tables))
        owners = _hand_out(answer, tables, asked, outcomes)
        again = [[index] for index in owners]
        if owners and len(asked) == 1:
            outcomes[asked[0]] = not_finite()
    except Exception as error:  # noqa: BLE001 - the engine is foreign code; whatever it raises is an outcome
        middle = (len(asked) + 1) // 2
        again = [asked[:middle], asked[middle:]]
        # Kept in no variable here: its traceback has this frame, so the rows would wait for the collector.
        if len(asked) == 1:
            outcomes[asked[0]] = error
    if len(asked) == 1:
        return
    for part in again:
        if wanted := [index for index in part if questions[index].wanted]:
            _ask(engine, questions, wanted, outcomes)


def _hand_out(
    answer: Probabilities, tables: list[Rows], asked: list[int], outcomes: list[Outcome]
) -> list[int]:
    """Give each request its slice of ``answer``; return those whose slice is not finite."""
    whole = is_finite(answer)
    suspects: list[int] = []
    end = 0
    for index, table in zip(asked, tables, strict=True):
        start, end = end, end + len(table)
        part = answer[start:end]
        if whole or is_finite(part):
            outcomes[index] = part
        else:
            suspects.append(index)
    return suspects
