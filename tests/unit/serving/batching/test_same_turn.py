"""What happens in the very turn of the loop in which a call's answers arrive."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from serving.errors import DeadlinePassed
from tests.unit.serving.batching.controlled import GUARD_SECONDS


@pytest.fixture
def two(stage: Any) -> tuple[asyncio.Task[Any], asyncio.Task[Any]]:
    """One whose answer has been computed, which the loop has not heard yet, and one in line behind it."""
    first, second = stage.ask(), stage.ask()
    stage.loop.told.clear()
    stage.engine.release()
    assert stage.loop.told.wait(GUARD_SECONDS)
    return first, second


def test_who_is_cancelled_before_its_turn_is_not_predicted(stage: Any, two: Any):
    two[1].cancel()
    stage.settle()
    assert two[0].result().tolist() == [[0, 0]]
    assert two[1].cancelled()
    assert stage.engine.calls == [[(0, 0)]]


def test_an_answer_that_arrives_with_its_deadline_is_none(stage: Any, two: Any):
    stage.loop.now += 30
    stage.settle()
    assert [type(task.exception()) for task in two] == [DeadlinePassed, DeadlinePassed]
    assert stage.engine.calls == [[(0, 0)]]


def test_who_is_cancelled_with_its_answer_is_cancelled(stage: Any, two: Any):
    two[0].cancel()
    stage.settle()
    assert two[0].cancelled()
    stage.release()
    assert two[1].result().tolist() == [[1, 0]]
