"""Whose rows made a batch fail is found with few calls, and only theirs fail."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from serving.batching.answering import answer_all
from serving.batching.measured_engine import MeasuredEngine
from serving.engines.engine import Probabilities, Rows
from serving.errors import BadAnswer
from tests.unit.serving.batching.controlled import Boom, Kind, good_answer, respond, rows_of


@dataclass
class Question:
    rows: Rows
    wanted: bool = True


class Counting:
    """Counts the calls, and answers as the rows say."""

    def __init__(self) -> None:
        self.calls = 0

    def probabilities(self, rows: Rows) -> Probabilities:
        self.calls += 1
        return respond(rows)


def measured(engine: Counting) -> MeasuredEngine:
    return MeasuredEngine(engine, clock=lambda: 0.0)


@given(st.lists(st.lists(st.sampled_from([Kind.GOOD] * 6 + list(Kind)), min_size=1, max_size=4), min_size=1))
def test_each_gets_its_own_rows_answer_or_its_own_error(batch: list[list[Kind]]):
    questions = [Question(rows_of(number, kinds)) for number, kinds in enumerate(batch)]
    outcomes = answer_all(measured(Counting()), questions)
    for number, (kinds, outcome) in enumerate(zip(batch, outcomes, strict=True)):
        if not any(kinds):
            np.testing.assert_array_equal(outcome, good_answer(rows_of(number, kinds)))
        elif Kind.RAISES in kinds:
            assert isinstance(outcome, Boom)
            assert outcome.requests == [number]
        else:
            assert type(outcome) is BadAnswer


@given(st.integers(0, 31), st.sampled_from([Kind.RAISES, Kind.PANICS, Kind.WRONG_SHAPE]))
def test_one_culprit_among_32_costs_ten_more_calls(culprit: int, kind: Kind):
    engine = Counting()
    kinds = [[kind] if number == culprit else [Kind.GOOD] for number in range(32)]
    answer_all(measured(engine), [Question(rows_of(number, each)) for number, each in enumerate(kinds)])
    assert engine.calls == 11


def test_neighbours_of_a_row_that_is_not_finite_are_not_asked_again():
    engine = Counting()
    kinds = [[Kind.NOT_FINITE] if number == 5 else [Kind.GOOD] for number in range(32)]
    answer_all(measured(engine), [Question(rows_of(number, each)) for number, each in enumerate(kinds)])
    assert engine.calls == 2


def test_of_rows_that_are_not_finite_each_owner_is_asked_once_more_and_alone():
    engine = Counting()
    kinds = [[Kind.NOT_FINITE] if number % 2 else [Kind.GOOD] for number in range(32)]
    answer_all(measured(engine), [Question(rows_of(number, each)) for number, each in enumerate(kinds)])
    assert engine.calls == 1 + 16


def test_after_a_failure_nobody_is_asked_again_for_whom_nobody_waits():
    engine = Counting()
    questions = [Question(rows_of(number, [Kind.RAISES]), wanted=False) for number in range(8)]
    answer_all(measured(engine), questions)
    assert engine.calls == 1


def test_rows_of_another_width_fail_alone():
    narrow = Question(np.zeros((1, 1)))
    good, bad = answer_all(measured(Counting()), [Question(rows_of(0, [Kind.GOOD])), narrow])
    np.testing.assert_array_equal(good, [[0, 0]])
    assert isinstance(bad, IndexError)


def test_answers_of_a_batch_are_views_of_one_array():
    questions = [Question(rows_of(number, [Kind.GOOD])) for number in range(3)]
    first, _, third = answer_all(measured(Counting()), questions)
    assert isinstance(first, np.ndarray)
    assert isinstance(third, np.ndarray)
    assert first.base is third.base is not None
