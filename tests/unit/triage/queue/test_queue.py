"""The queue never loses a job, never gives one to two workers, and gives up in the open."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Engine, insert, select

from triage.errors import LeaseLost
from triage.incident import urgency_rank
from triage.queue.backoff import Backoff
from triage.queue.enqueueing import enqueue
from triage.queue.job import Job, JobState
from triage.queue.jobs import JobQueue, QueuePolicy
from triage.queue.worker import Worker
from triage.store import tables
from triage.store.database import open_database

ON_EVERY_DATABASE = True


@dataclass
class ManualClock:
    now: datetime = datetime(2026, 1, 2, tzinfo=UTC)
    passed: float = 0.0

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.passed += seconds

    def jump(self, seconds: float) -> None:
        """Somebody sets the wall clock; no time passes."""
        self.now += timedelta(seconds=seconds)

    def ticks(self) -> float:
        return self.passed


POLICY = QueuePolicy(
    lease=timedelta(seconds=100),
    attempts=3,
    backoff=Backoff(base_seconds=1, most_seconds=8, chance=random.Random(7)),
)


def add(engine: Engine, clock: ManualClock, incident_id: str, severity: str = "") -> None:
    with engine.begin() as connection:
        known = connection.execute(
            select(tables.incidents.c.id).where(tables.incidents.c.id == incident_id)
        ).first()
        if known is None:
            row = {"id": incident_id, "group_key": incident_id, "epoch": 1, "opened_at": clock()}
            connection.execute(insert(tables.incidents).values(**row))
        enqueue(connection, incident_id, clock(), urgency_rank(severity))


def worker(engine: Engine, clock: ManualClock, name: str) -> JobQueue:
    return JobQueue(engine, clock, POLICY, name, clock.ticks)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def queue(engine: Engine, clock: ManualClock) -> JobQueue:
    return worker(engine, clock, "here")


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
    other = worker(engine, clock, "elsewhere")
    assert other.resume() == 0
    assert worker(engine, clock, "here").resume() == 1
    assert queue.claim().attempt == 2


def test_a_failed_job_waits_and_after_the_last_attempt_is_dead(engine, clock, queue) -> None:
    add(engine, clock, "a")
    for _ in range(POLICY.attempts):
        job = queue.claim()
        queue.fail(job, "the disk is full")
        assert queue.claim() is None
        clock.advance(8)
    assert queue.claim() is None
    (letter,) = queue.dead()
    assert (letter.incident_id, letter.reason, letter.attempts) == ("a", "the disk is full", POLICY.attempts)
    assert letter.died_at is not None


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
    loop = Worker(queue, broken)
    for _ in range(POLICY.attempts):
        assert loop.work_once()
        clock.advance(8)
    assert not loop.work_once()
    assert "hunter2" not in queue.dead()[0].reason


def test_waits_grow_are_bounded_and_jittered() -> None:
    backoff = Backoff(base_seconds=2, most_seconds=60, chance=random.Random(1))
    waits = [backoff.after(attempt).total_seconds() for attempt in range(1, 40)]
    assert all(1 <= wait <= 60 for wait in waits)
    assert waits[0] <= 2
    assert len(set(waits)) > 30


@pytest.mark.parametrize("seconds", [-86_400, 86_400])
def test_a_clock_that_is_set_takes_no_job_from_who_works_on_it(engine, clock, queue, seconds) -> None:
    add(engine, clock, "a")
    job = queue.claim()
    other = worker(engine, clock, "elsewhere")
    assert other.claim() is None
    clock.jump(seconds)
    assert other.claim() is None
    clock.advance(99)
    queue.renew(job)
    assert other.claim() is None
    clock.advance(99)
    assert other.claim() is None
    queue.complete(job)


@pytest.mark.parametrize("seconds", [-86_400, 86_400])
def test_a_clock_that_is_set_delays_no_job_that_waits(engine, clock, queue, seconds) -> None:
    add(engine, clock, "a")
    queue.fail(queue.claim(), "not now")
    add(engine, clock, "b")
    clock.jump(seconds)
    assert {queue.claim().incident_id, queue.claim().incident_id} == {"a", "b"}


@pytest.mark.parametrize("seconds", [-86_400, 86_400])
def test_a_clock_that_is_set_keeps_no_job_of_a_dead_worker(engine, clock, queue, seconds) -> None:
    add(engine, clock, "a")
    other = worker(engine, clock, "elsewhere")
    assert other.claim() is not None
    assert queue.claim() is None
    clock.jump(seconds)
    clock.advance(101)
    assert queue.claim().attempt == 2


def test_a_job_that_takes_long_keeps_its_lease(engine, clock) -> None:
    real = JobQueue(engine, clock, QueuePolicy(timedelta(seconds=0.3), attempts=3), "here")
    other = JobQueue(engine, clock, QueuePolicy(timedelta(seconds=0.3), attempts=3), "elsewhere")
    stolen: list[Job | None] = []
    pause = threading.Event()

    def long(_: str) -> None:
        for _ in range(20):
            stolen.append(other.claim())
            pause.wait(0.05)

    add(engine, clock, "a")
    assert Worker(real, long).work_once()
    assert stolen == [None] * 20
    assert real.depth()[JobState.DONE] == 1


def test_the_most_urgent_job_is_taken_first(engine, clock, queue) -> None:
    for incident_id, severity in (("d", ""), ("c", "info"), ("b", "warning"), ("a", "critical")):
        add(engine, clock, incident_id, severity)
    clock.advance(1)
    add(engine, clock, "e", "critical")
    assert [queue.claim().incident_id for _ in range(5)] == ["a", "e", "b", "c", "d"]


def test_a_dead_job_can_be_given_its_attempts_again(engine, clock, queue) -> None:
    for incident_id in "ab":
        add(engine, clock, incident_id)
    for _ in range(2 * POLICY.attempts):
        queue.fail(queue.claim(), "no")
        clock.advance(8)
    first, second = queue.dead()
    assert queue.requeue([first.id]) == 1
    assert queue.claim() == Job(first.id, first.incident_id, 1)
    assert queue.requeue() == 1
    assert queue.claim() == Job(second.id, second.incident_id, 1)
    assert queue.requeue() == 0


def test_what_waits_longest_is_told(engine, clock, queue) -> None:
    assert queue.oldest_due_seconds() == 0
    add(engine, clock, "a")
    clock.advance(30)
    add(engine, clock, "b")
    assert queue.oldest_due_seconds() == 30


def test_workers_that_claim_at_once_get_different_incidents(engine, clock) -> None:
    for index in range(12):
        add(engine, clock, f"incident-{index}")
    taken: list[Job] = []

    def work(name: str) -> None:
        queue = worker(engine, clock, name)
        taken.extend(job for _ in range(40) if (job := queue.claim()))

    threads = [threading.Thread(target=work, args=(f"worker-{index}",)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(job.incident_id for job in taken) == sorted(f"incident-{index}" for index in range(12))


class QueueMachine(RuleBasedStateMachine):
    """Two workers, crashes, failures and time in any order."""

    @initialize(tmp=st.just(None))
    def open(self, tmp: None) -> None:
        self.clock = ManualClock()
        self.engine = open_database("sqlite://")
        self.queues = {name: worker(self.engine, self.clock, name) for name in ("one", "two")}
        self.held: list[tuple[str, Job, float]] = []
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
            alive = [held for held in self.held if held[2] > self.clock.ticks()]
            assert job.id not in {held[1].id for held in alive}, "doubled"
            assert job.incident_id not in {held[1].incident_id for held in alive}
            self.held.append((name, job, self.clock.ticks() + POLICY.lease.total_seconds()))

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

    @rule(seconds=st.sampled_from((-86_400, -30, 30, 86_400)))
    def set_the_clock(self, seconds: int) -> None:
        self.clock.jump(seconds)

    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        if not self.held:
            return
        name, job, _ = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        with suppress(LeaseLost):
            self.queues[name].renew(job)
            self.held.append((name, job, self.clock.ticks() + POLICY.lease.total_seconds()))

    @invariant()
    def every_job_is_somewhere(self) -> None:
        if hasattr(self, "queues"):
            depth = self.queues["one"].depth()
            assert sum(depth.values()) == self.added
            live = {held[1].id for held in self.held if held[2] > self.clock.ticks()}
            assert len(live) <= depth[JobState.LEASED]

    def teardown(self) -> None:
        """Nothing is stuck: with time and a working worker every job ends."""
        if not hasattr(self, "queues"):
            return
        # a lease that this worker sees for the first time now is over a lease later
        for _ in range(2):
            while job := self.queues["one"].claim():
                self.queues["one"].complete(job)
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
