"""Whether memory is flat: the line through what was seen, and what a soak makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.serving.slope import Line, fit, second_half
from tests.benchmarks.serving.soak import Soaked


def test_a_straight_line_is_found_as_it_is():
    line = fit([(0.0, 10.0), (1.0, 12.0), (2.0, 14.0), (3.0, 16.0)])
    assert line == Line(per_second=2.0, mean=13.0, seconds=3.0)
    # 6 over a mean of 13
    assert line.growth == pytest.approx(6 / 13)


def test_one_spike_in_the_middle_is_no_growth():
    assert fit([(0, 5.0), (1, 5.0), (2, 50.0), (3, 5.0), (4, 5.0)]).growth == pytest.approx(0)


@given(st.lists(st.floats(0, 1e9), min_size=1), st.floats(0, 1e9))
def test_a_constant_is_flat(times: list[float], value: float):
    assert fit([(at, value) for at in sorted(times)]).per_second == pytest.approx(0, abs=1e-6)


def test_the_first_half_is_for_caches_to_fill():
    assert second_half([(0, 1.0), (1, 2.0), (2, 3.0), (4, 4.0)]) == [(2, 3.0), (4, 4.0)]


def test_a_worker_that_grows_fails_the_soak_and_says_by_how_much():
    grows = Line(per_second=1.0, mean=100.0, seconds=10.0)
    soaked = Soaked(10, {}, 20.0, {7: grows, 8: Line(0.1, 100.0, 10.0)})
    assert soaked.failures == ["process 7 grew by 10.0% over the second half; 2% is the bound"]


def test_a_soak_that_saw_nothing_is_no_success():
    assert len(Soaked(0, {}, 1.0, {}).failures) == 2


def test_every_error_fails_the_soak():
    soaked = Soaked(10, {"503": 3}, 20.0, {7: Line(0.0, 100.0, 10.0)})
    assert soaked.failures == ["3 x 503 instead of an answer"]
