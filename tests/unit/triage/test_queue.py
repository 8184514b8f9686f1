"""The queue never loses a job, never gives one to two workers, and gives up in the open."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Engine, insert, select

from triage.errors import LeaseLost
from triage.queue.backoff import Backoff
from triage.queue.job import Job, JobState
from triage.queue.jobs import JobQueue, QueuePolicy, enqueue
from triage.queue.worker import Worker
from triage.store import tables
from triage.store.database import open_database


@dataclass
class ManualClock:
    now: datetime = datetime(2026, 1, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


POLICY = QueuePolicy(
    lease=timedelta(seconds=100),
    attempts=3,
    backoff=Backoff(base_seconds=1, most_seconds=8, chance=random.Random(7)),
)


def add(engine: Engine, clock: ManualClock, incident_id: str) -> None:
    with engine.begin() as connection:
        known = connection.execute(
            select(tables.incidents.c.id).where(tables.incidents.c.id == incident_id)
        ).first()
        if known is None:
            row = {"id": incident_id, "group_key": incident_id, "epoch": 1, "opened_at": clock()}
            connection.execute(insert(tables.incidents).values(**row))
        enqueue(connection, incident_id, clock())


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database(f"sqlite:///{tmp_path / 'queue.db'}")


@pytest.fixture
def queue(engine: Engine, clock: ManualClock) -> JobQueue:
    return JobQueue(engine, clock, POLICY, "here")


def test_two_jobs_for_one_incident_that_both_wait_are_one(engine, clock, queue) -> None:
    add(engine, clock, "a")
    add(engine, clock, "a")
    assert queue.depth()[JobState.QUEUED] == 1


def test_work_that_arrives_while_its_incident_is_worked_on_waits(engine, clock, queue) -> None:
    add(engine, clock, "a")
    job = queue.claim()
    add(engine, clock, "a")
    assert queue.claim() is None
    queue.complete(job)
    assert queue.claim().incident_id == "a"


def test_a_lease_that_ran_out_goes_to_the_next_and_the_former_holder_is_told(engine, clock, queue) -> None:
    add(engine, clock, "a")
    first = queue.claim()
    clock.advance(101)
    second = queue.claim()
    assert second == Job(first.id, "a", 2)
    with pytest.raises(LeaseLost):
        queue.complete(first)
    queue.complete(second)


def test_a_restart_takes_its_own_leases_back_at_once(engine, clock, queue) -> None:
    add(engine, clock, "a")
    queue.claim()
    other = JobQueue(engine, clock, POLICY, "elsewhere")
    assert other.resume() == 0
    assert JobQueue(engine, clock, POLICY, "here").resume() == 1
    assert queue.claim().attempt == 2


def test_a_failed_job_waits_and_after_the_last_attempt_is_dead(engine, clock, queue) -> None:
    add(engine, clock, "a")
    for _ in range(POLICY.attempts):
        job = queue.claim()
        queue.fail(job, "the disk is full")
        assert queue.claim() is None
        clock.advance(8)
    assert queue.claim() is None
    assert queue.dead() == [("a", "the disk is full")]


def test_a_job_that_kills_its_worker_each_time_ends_dead(engine, clock, queue) -> None:
    add(engine, clock, "a")
    for _ in range(POLICY.attempts):
        assert queue.claim() is not None
        queue.resume()
    assert queue.claim() is None
    assert queue.depth()[JobState.DEAD] == 1


def test_the_worker_survives_a_failing_handler_and_redacts_its_reason(engine, clock, queue) -> None:
    def broken(_: str) -> None:
        raise ValueError("password=hunter22222 was refused")

    add(engine, clock, "a")
    worker = Worker(queue, broken)
    for _ in range(POLICY.attempts):
        assert worker.work_once()
        clock.advance(8)
    assert not worker.work_once()
    assert "hunter2" not in queue.dead()[0][1]


def test_waits_grow_are_bounded_and_jittered() -> None:
    backoff = Backoff(base_seconds=2, most_seconds=60, chance=random.Random(1))
    waits = [backoff.after(attempt).total_seconds() for attempt in range(1, 40)]
    assert all(1 <= wait <= 60 for wait in waits)
    assert waits[0] <= 2
    assert len(set(waits)) > 30


class QueueMachine(RuleBasedStateMachine):
    """Two workers, crashes, failures and time in any order."""

    @initialize(tmp=st.just(None))
    def open(self, tmp: None) -> None:
        self.clock = ManualClock()
        self.engine = open_database("sqlite://")
        self.queues = {name: JobQueue(self.engine, self.clock, POLICY, name) for name in ("one", "two")}
        self.held: list[tuple[str, Job, datetime]] = []
        self.added = 0

    @rule(incident=st.sampled_from("abc"))
    def arrive(self, incident: str) -> None:
        with self.engine.begin() as connection:
            before = len(connection.execute(select(tables.jobs.c.id)).all())
        add(self.engine, self.clock, incident)
        with self.engine.begin() as connection:
            self.added += len(connection.execute(select(tables.jobs.c.id)).all()) - before
            waiting = select(tables.jobs.c.id).where(
                tables.jobs.c.incident_id == incident, tables.jobs.c.state == "queued"
            )
            # one that failed and one that arrived meanwhile may wait together: claim() keeps them apart
            assert 1 <= len(connection.execute(waiting).all()) <= 2

    @rule(name=st.sampled_from(("one", "two")))
    def claim(self, name: str) -> None:
        job = self.queues[name].claim()
        if job:
            alive = [held for held in self.held if held[2] > self.clock()]
            assert job.id not in {held[1].id for held in alive}, "doubled"
            assert job.incident_id not in {held[1].incident_id for held in alive}
            self.held.append((name, job, self.clock() + POLICY.lease))

    @rule(data=st.data(), good=st.booleans())
    def finish(self, data: st.DataObject, good: bool) -> None:
        if not self.held:
            return
        name, job, _ = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        with suppress(LeaseLost):
            self.queues[name].complete(job) if good else self.queues[name].fail(job, "no")

    @rule(name=st.sampled_from(("one", "two")))
    def crash(self, name: str) -> None:
        self.held = [held for held in self.held if held[0] != name]
        self.queues[name].resume()

    @rule(seconds=st.sampled_from((1, 10, 120)))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @invariant()
    def every_job_is_somewhere(self) -> None:
        if hasattr(self, "queues"):
            depth = self.queues["one"].depth()
            assert sum(depth.values()) == self.added
            live = {held[1].id for held in self.held if held[2] > self.clock()}
            assert len(live) <= depth[JobState.LEASED]

    def teardown(self) -> None:
        """Nothing is stuck: with time and a working worker every job ends."""
        if not hasattr(self, "queues"):
            return
        self.clock.advance(1_000)
        while job := self.queues["one"].claim():
            self.queues["one"].complete(job)
        depth = self.queues["one"].depth()
        assert depth[JobState.QUEUED] == depth[JobState.LEASED] == 0
        self.engine.dispose()


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
