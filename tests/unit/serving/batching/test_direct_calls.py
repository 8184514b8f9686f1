"""When a lone request is predicted in the event loop. Such a call is not gated: it is done when asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from serving.errors import BadAnswer, DeadlinePassed
from tests.unit.serving.batching.controlled import Boom, Kind


def test_the_first_call_is_measured_in_the_thread_and_the_next_is_made_in_the_loop(stage: Any):
    stage.lone = True
    stage.measure()
    answer = stage.ask().result()
    np.testing.assert_array_equal(answer, [[1, 0]])
    assert stage.observed.batches == [(1, 1, 0.0), (1, 1, 0.0)]


def test_a_request_in_company_goes_to_the_thread(stage: Any):
    stage.measure()
    assert not stage.ask().done()


def test_a_larger_request_than_was_measured_goes_to_the_thread(stage: Any):
    stage.lone = True
    stage.measure()
    assert not stage.ask([Kind.GOOD] * 64).done()


def test_a_long_call_goes_to_the_thread(stage: Any):
    stage.lone = True
    stage.measure(seconds=0.001)
    assert not stage.ask().done()


def test_one_slow_call_in_the_loop_sends_the_next_ones_to_the_thread_until_calls_are_short_again(stage: Any):
    stage.lone = True
    stage.measure()
    stage.engine.call_seconds = 0.8
    assert stage.ask().done()
    for _ in range(120):
        stage.engine.call_seconds = 0.0001
        if stage.ask().done():
            break
        stage.release()
    assert 50 < stage.asked < 120


def test_a_slow_failure_in_the_loop_sends_the_next_call_to_the_thread(stage: Any):
    # as a row does that makes the model search for long and give up
    stage.lone = True
    stage.measure()
    stage.engine.call_seconds = 3.0
    assert isinstance(stage.ask([Kind.RAISES]).exception(), Boom)
    assert not stage.ask().done()


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (Kind.RAISES, Boom),
        (Kind.PANICS, BadAnswer),
        (Kind.NOT_FINITE, BadAnswer),
        (Kind.WRONG_SHAPE, BadAnswer),
    ],
)
def test_a_failure_in_the_loop_is_that_requests_alone(stage: Any, kind: Kind, error: type[Exception]):
    stage.lone = True
    stage.measure()
    assert type(stage.ask([kind]).exception()) is error
    assert stage.ask().result().tolist() == [[2, 0]]


def test_an_answer_from_the_loop_after_its_deadline_is_none(stage: Any):
    stage.lone = True
    stage.measure()
    stage.engine.call_seconds = 5.0
    assert type(stage.ask(seconds=4).exception()) is DeadlinePassed


def test_a_lone_request_behind_a_call_waits_for_the_thread(stage: Any):
    stage.measure()
    first = stage.ask()
    stage.lone = True
    second = stage.ask()
    assert not second.done()
    stage.release()
    stage.release()
    assert [first.result().tolist(), second.result().tolist()] == [[[1, 0]], [[2, 0]]]
