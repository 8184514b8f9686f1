"""Who accepts, who makes room, who has waited too long: the decisions, whatever happens."""

from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from serving.workers.limits import Limits
from serving.workers.places import MOST_CONNECTIONS, places
from serving.workers.shares import ABSENT, LEAD, Shares, is_ahead
from serving.workers.waiting import PROMPT_SECONDS, WaitingRoom


@given(st.lists(st.integers(0, 5000) | st.just(ABSENT), min_size=1, max_size=64))
def test_somebody_may_always_accept(counts: list[int]):
    assert any(not is_ahead(mine, counts[:i] + counts[i + 1 :]) for i, mine in enumerate(counts))


@given(st.integers(1, 8), st.lists(st.integers(0, 7), max_size=300))
def test_workers_that_let_others_go_first_stay_level(workers: int, woken: list[int]):
    counts = [0] * workers
    for one in (index % workers for index in woken):
        if not is_ahead(counts[one], counts[:one] + counts[one + 1 :]):
            counts[one] += 1
    assert max(counts) - min(counts) <= LEAD


def test_nobody_waits_for_a_worker_that_is_gone():
    shares = Shares(2)
    mine, other = shares.of(0), shares.of(1)
    mine.open()
    other.open()
    mine.show(100)
    assert mine.ahead()
    shares.lost(1)
    assert not mine.ahead()


def test_counts_are_seen_by_processes_that_were_forked():
    shares = Shares(2)
    mine = shares.of(0)
    mine.open()
    mine.show(LEAD)
    pid = os.fork()
    if pid == 0:
        shares.of(1).open()
        os._exit(0)
    os.waitpid(pid, 0)
    assert mine.ahead()


@given(st.integers(0, 2**20))
def test_there_is_a_place_and_never_more_than_descriptors(descriptors: int):
    assert 1 <= places(descriptors) <= MOST_CONNECTIONS
    assert places(descriptors) == 1 or places(descriptors) < descriptors


class Rooms(RuleBasedStateMachine):
    """The waiting room against a list of (since, until)."""

    def __init__(self) -> None:
        super().__init__()
        self.room: WaitingRoom[int] = WaitingRoom(Limits(head_seconds=10, idle_seconds=60, unread_seconds=5))
        self.now = 0.0
        self.expected: dict[int, float] = {}
        self.since: dict[int, float] = {}

    @rule(seconds=st.floats(0, 0.3) | st.floats(0, 30))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(connection=st.integers(0, 5))
    def begins(self, connection: int) -> None:
        self.room.expects_head(connection, self.now)
        self.expected.pop(connection, None)
        self.expected[connection] = self.now + 10
        self.since[connection] = self.now

    @rule(connection=st.integers(0, 5))
    def shows_its_head(self, connection: int) -> None:
        self.room.expects_body(connection, self.now)
        if connection not in self.expected:
            self.since[connection] = self.now
        self.expected[connection] = float("inf")

    @rule(connection=st.integers(0, 5))
    def does_not_read(self, connection: int) -> None:
        self.room.expects_reading(connection, self.now)
        self.expected.pop(connection, None)
        self.expected[connection] = self.now + 5
        self.since[connection] = self.now

    @rule(connection=st.integers(0, 5))
    def is_answered(self, connection: int) -> None:
        self.room.idles(connection, self.now)
        self.expected.pop(connection, None)
        self.expected[connection] = self.now + 60
        self.since[connection] = self.now

    @rule(connection=st.integers(0, 5))
    def leaves(self, connection: int) -> None:
        self.room.leaves(connection)
        self.expected.pop(connection, None)

    @rule()
    def makes_room(self) -> None:
        first = next(iter(self.expected), None)
        if first is not None and self.now - self.since[first] < PROMPT_SECONDS:
            first = None  # its request may be here already
        assert self.room.oldest(self.now) == first
        self.expected = {one: until for one, until in self.expected.items() if one != first}

    @invariant()
    def knows_who_is_overdue(self) -> None:
        assert len(self.room) == len(self.expected)
        overdue = {connection for connection, until in self.expected.items() if until <= self.now}
        assert set(self.room.overdue(self.now)) == overdue


TestRooms = Rooms.TestCase
