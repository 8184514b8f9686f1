"""Which rates the open loop offers, and to whom."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.serving.rates import can_answer, offered_rates

CAPACITIES = st.dictionaries(st.text(min_size=1), st.floats(3, 1e6), min_size=1)


def test_rates_are_shares_of_the_slowest_server_and_of_a_second_one():
    # seven tenths of 333 and of 1500, of two digits
    assert offered_rates({"a": 333, "b": 1_500, "c": 9_000}, "b") == [230, 1_000]


def test_without_the_second_server_there_are_the_slowest_ones_rates_alone():
    assert offered_rates({"a": 333}, "b") == [230]


def test_nobody_measured_means_nothing_offered():
    assert offered_rates({}, "b") == ()


@given(CAPACITIES)
def test_every_server_can_answer_the_rates_of_the_slowest(capacities: dict[str, float]):
    rates = offered_rates(capacities)
    assert rates
    assert all(can_answer(capacity, rate) for capacity in capacities.values() for rate in rates)


@given(st.floats(1, 1e6))
def test_a_server_is_never_offered_more_than_it_answered(capacity: float):
    assert not can_answer(capacity, capacity * 1.01)
