"""Pauses between attempts, by a clock that nobody waits for."""

from __future__ import annotations

from itertools import islice, pairwise

from hypothesis import given
from hypothesis import strategies as st

from infra.proxmox.api.patience import Patience

SECONDS = st.floats(min_value=0.01, max_value=100, allow_nan=False)


class ManualClock:
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        self.at = 1000.0
        self.waits: list[float] = []

    def now(self) -> float:
        return self.at

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += seconds


@given(first=SECONDS, longest=SECONDS, growth=st.floats(min_value=1, max_value=4))
def test_a_pause_lies_between_half_and_whole_of_what_it_has_grown_to(
    first: float, longest: float, growth: float
) -> None:
    patience = Patience(60, first, longest, growth)
    bound = first
    for pause in islice(patience.pauses(), 20):
        assert bound / 2 <= pause <= bound
        bound = min(bound * growth, longest)


@given(deadline=st.floats(min_value=0, max_value=600), first=SECONDS, longest=SECONDS)
def test_attempts_end_at_the_deadline_and_there_is_always_one(
    deadline: float, first: float, longest: float
) -> None:
    clock = ManualClock()
    numbers = list(islice(Patience(deadline, first, longest).attempts(clock), 5000))
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers
    assert clock.at <= 1000.0 + deadline + 1e-6


@given(deadline=st.floats(min_value=1, max_value=600))
def test_the_last_attempt_is_made_at_the_deadline_and_not_long_before(deadline: float) -> None:
    clock = ManualClock()
    list(Patience(deadline, 0.2, 5.0).attempts(clock))
    assert clock.at >= 1000.0 + deadline - 1e-6


def test_pauses_differ_so_that_those_that_failed_together_do_not_come_back_together() -> None:
    pauses = list(islice(Patience(60, 1.0, 1.0, 1.0).pauses(), 50))
    assert any(one != other for one, other in pairwise(pauses))
