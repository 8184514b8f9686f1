from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from serving.batching.call_time import CallTime

SECONDS = st.floats(1e-6, 100)


def test_nothing_is_known_before_the_first_call():
    assert CallTime().seconds(1) == math.inf
    assert CallTime().guess(1000) == 0.0


@given(st.lists(SECONDS), SECONDS)
def test_a_slow_call_is_believed_at_once(before: list[float], slow: float):
    call_time = CallTime()
    for seconds in before:
        call_time.took(3, seconds)
    call_time.took(3, slow)
    assert call_time.seconds(3) >= slow * (1 - 1e-9)


def test_a_slow_second_is_forgotten_after_a_hundred_short_calls_and_not_after_ten():
    call_time = CallTime()
    call_time.took(1, 1.0)
    for _ in range(10):
        call_time.took(1, 0.0002)
    assert call_time.seconds(1) > 0.001
    for _ in range(110):
        call_time.took(1, 0.0002)
    assert call_time.seconds(1) < 0.001


@given(st.lists(st.tuples(st.booleans(), SECONDS), min_size=1))
def test_the_estimate_stays_within_what_was_measured(calls: list[tuple[bool, float]]):
    call_time = CallTime()
    call_time.took(5, 0.01)
    for answered, seconds in calls:
        (call_time.took if answered else call_time.wasted)(5, seconds)
    measured = [0.01, *(seconds for _, seconds in calls)]
    assert min(measured) * (1 - 1e-9) <= call_time.seconds(5) <= max(measured) * (1 + 1e-9)


def test_a_failure_says_only_that_calls_may_be_slow():
    call_time = CallTime()
    call_time.wasted(1, 0.00001)
    assert call_time.seconds(1) == math.inf
    call_time.took(1, 0.01)
    call_time.wasted(1, 0.00001)
    assert call_time.seconds(1) == 0.01
    call_time.wasted(1, 2.0)
    assert call_time.seconds(1) == 2.0


def test_a_large_call_is_not_judged_by_a_small_one():
    call_time = CallTime()
    call_time.took(1, 0.0002)
    assert call_time.seconds(64) == math.inf
    assert call_time.guess(64) == 0.0002 * 64


def test_a_small_call_is_guessed_from_a_larger_one():
    call_time = CallTime()
    call_time.took(1024, 0.5)
    assert call_time.guess(1) == 0.5
    assert call_time.to_answer(2048, 1024) == 1.0
    assert call_time.to_answer(2049, 1024) == 1.5
