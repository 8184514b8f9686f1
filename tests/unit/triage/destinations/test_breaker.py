"""A destination that is down is left alone, asked once in a while, and trusted again when it answers."""

from __future__ import annotations

from dataclasses import dataclass

from triage.breaker import Breaker, BreakerPolicy, BreakerState


@dataclass
class Ticks:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def a_breaker() -> tuple[Breaker, Ticks]:
    ticks = Ticks()
    return Breaker(BreakerPolicy(failures=3, shortest_seconds=10, longest_seconds=30), ticks), ticks


def broken() -> tuple[Breaker, Ticks]:
    breaker, ticks = a_breaker()
    for _ in range(3):
        breaker.failed()
    return breaker, ticks


def test_it_opens_after_failures_in_a_row_only() -> None:
    breaker, _ = a_breaker()
    for failed in (True, True, False, True, True):
        breaker.failed() if failed else breaker.succeeded()
    assert breaker.state is BreakerState.CLOSED
    breaker.failed()
    assert breaker.state is BreakerState.OPEN


def test_after_its_time_it_lets_one_ask_and_closes_when_that_succeeds() -> None:
    breaker, ticks = broken()
    ticks.now += 10
    assert (breaker.state, breaker.wait_seconds) == (BreakerState.HALF_OPEN, 0)
    breaker.succeeded()
    assert breaker.state is BreakerState.CLOSED


def test_each_failed_question_opens_it_for_longer_up_to_a_bound() -> None:
    breaker, ticks = broken()
    waits = []
    for _ in range(4):
        waits.append(breaker.wait_seconds)
        ticks.now += breaker.wait_seconds
        breaker.failed()
    assert waits == [10, 20, 30, 30]


def test_a_destination_that_asks_for_rest_is_not_broken() -> None:
    breaker, ticks = a_breaker()
    breaker.pause(7)
    assert (breaker.state, breaker.wait_seconds) == (BreakerState.CLOSED, 7)
    ticks.now += 7
    assert breaker.wait_seconds == 0
