"""An engine that never answers is told of, once, since nobody behind its call would ever be answered."""

from __future__ import annotations

from typing import Any

import pytest

from serving.batching.limits import Limits
from serving.errors import DeadlinePassed


@pytest.fixture
def limits() -> Limits:
    return Limits(max_call_seconds=60.0)


def test_a_call_that_is_older_than_the_limit_is_told_of_once(stage: Any):
    lost = stage.ask()
    stage.loop.now += 59.9
    stage.settle()
    assert type(lost.exception()) is DeadlinePassed
    assert stage.hung == []
    stage.loop.now += 0.2
    stage.settle()
    assert stage.hung == [60.0]
    stage.loop.now += 1000
    stage.ask()
    stage.settle()
    assert stage.hung == [60.0]


def test_each_call_has_the_whole_time(stage: Any):
    stage.ask()
    stage.loop.now += 40
    stage.release()
    stage.ask()
    stage.loop.now += 40
    stage.settle()
    assert stage.hung == []
    stage.loop.now += 20
    stage.settle()
    assert stage.hung == [60.0]


def test_an_idle_engine_has_not_hung(stage: Any):
    stage.measure()
    stage.loop.now += 1000
    stage.settle()
    assert stage.hung == []


def test_what_was_computed_at_last_is_followed_by_another_watch(stage: Any):
    stage.ask()
    stage.loop.now += 61
    stage.settle()
    stage.release()
    stage.ask()
    stage.loop.now += 61
    stage.settle()
    assert stage.hung == [60.0, 60.0]


def test_a_request_may_take_until_its_deadline():
    assert Limits.of(8, deadline_seconds=30.0).max_call_seconds == 60.0
    assert Limits.of(8, deadline_seconds=600.0).max_call_seconds == 1200.0
