"""What is refused, and when those who were refused should come back."""

from __future__ import annotations

from typing import Any

import pytest

from serving.batching.batcher import SOONEST_RETRY_SECONDS
from serving.batching.limits import Limits
from serving.errors import DeadlinePassed, Overloaded
from tests.unit.serving.batching.controlled import Kind


@pytest.fixture
def limits() -> Limits:
    return Limits(max_batch_rows=1, max_queued_rows=3, max_queued_requests=3)


def refusal(stage: Any, rows: int = 1) -> Overloaded:
    error = stage.ask([Kind.GOOD] * rows).exception()
    assert type(error) is Overloaded
    return error


def test_the_time_to_come_back_is_what_the_calls_ahead_take(stage: Any):
    stage.measure(seconds=0.5)
    for _ in range(4):
        stage.ask()
    assert refusal(stage).retry_after_seconds == pytest.approx(4 * 0.5)
    stage.engine.clock += 0.25
    assert refusal(stage).retry_after_seconds == pytest.approx(0.25 + 3 * 0.5)


def test_a_call_that_is_late_takes_as_long_again(stage: Any):
    for _ in range(4):
        stage.ask()
    stage.engine.clock += 7.0
    assert refusal(stage).retry_after_seconds == 7.0


def test_nobody_is_told_to_come_back_at_once(stage: Any):
    for _ in range(4):
        stage.ask()
    assert refusal(stage).retry_after_seconds == SOONEST_RETRY_SECONDS


def test_a_request_that_is_larger_than_the_line_waits_alone(stage: Any):
    stage.ask()
    large = stage.ask([Kind.GOOD] * 9)
    refusal(stage)
    stage.release()
    stage.release()
    assert large.result().shape == (9, 2)


def test_a_large_request_is_refused_behind_others(stage: Any):
    stage.ask()
    stage.ask()
    refusal(stage, rows=3)


def test_a_deadline_that_has_come_is_refused_before_anything_else(stage: Any):
    assert type(stage.ask(seconds=0).exception()) is DeadlinePassed
    assert not stage.engine.calls


def test_who_waits_without_end_is_answered_in_the_end(stage: Any):
    stage.ask(seconds=float("inf"))
    last = stage.ask(seconds=float("inf"))
    stage.release()
    stage.release()
    assert last.result().tolist() == [[1, 0]]


@pytest.mark.parametrize("name", ["max_batch_rows", "max_queued_rows", "max_queued_requests"])
def test_a_bound_of_zero_is_a_mistake(name: str):
    with pytest.raises(ValueError, match=f"{name} is 0: it must be at least 1"):
        Limits(**{name: 0})
