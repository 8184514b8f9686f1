"""Too many groups at once: the gravest in full, the others in one digest, and nothing dropped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from triage.alert import Alert, AlertBatch, AlertStatus
from triage.queue.job import JobState
from triage.queue.jobs import JobQueue, QueuePolicy
from triage.report.document import Report
from triage.report.markdown import to_markdown
from triage.store.database import open_database
from triage.store.incidents import IncidentStore
from triage.store.intake import Intake
from triage.store.writer import Writer
from triage.storms.dispatch import Dispatch
from triage.storms.policy import StormPolicy
from triage.storms.storms import GROUP, Storms

ON_EVERY_DATABASE = True


@dataclass
class Hands:
    """A clock that a test turns."""

    now: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Sky:
    """Triage without its web and its analysts: what is diagnosed is noted."""

    engine: Engine
    clock: Hands
    diagnosed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.writer = Writer(self.engine)
        policy = StormPolicy(most_groups=5, full_reports=3)
        self.storms = Storms(self.engine, self.writer, self.clock, policy)
        self.intake = Intake(self.writer, self.clock, timedelta(minutes=5), self.storms)
        self.queue = JobQueue(self.engine, self.clock, QueuePolicy(), "here", lambda: 0.0)
        self.store = IncidentStore(self.engine)
        self.dispatch = Dispatch(self.engine, self.store, self.publish, self.clock, self.diagnosed.append)

    def publish(self, report: Report) -> None:
        self.store.keep_report(report, to_markdown(report, None), None)

    def fire(self, name: str, severity: str = "warning", status: str = "firing") -> str:
        labels = {"alertname": f"Alert{name[0].upper()}", "severity": severity, "service": name}
        ends = self.clock() if status == "resolved" else None
        start = datetime(2026, 1, 2, tzinfo=UTC)
        alert = Alert(f"fingerprint-{name}", AlertStatus(status), start, ends, labels, {})
        (incident_id,) = self.intake.take(AlertBatch(f"group-{name}", (alert,))).incident_ids
        return incident_id

    def work(self) -> list[str]:
        """Do all that is due; what was diagnosed."""
        self.diagnosed.clear()
        while job := self.queue.claim():
            self.dispatch(job.incident_id)
            self.queue.complete(job)
        return list(self.diagnosed)

    def digest(self) -> Report:
        incident = self.store.latest_of_group(GROUP)
        assert incident is not None
        report = self.store.report(incident.id)
        assert report is not None
        return report


@pytest.fixture
def sky(database_url: str) -> Iterator[Sky]:
    engine = open_database(database_url)
    sky = Sky(engine, Hands())
    yield sky
    sky.writer.close()
    engine.dispose()


def fire_many(sky: Sky, count: int, severity: str = "warning") -> list[str]:
    return [sky.fire(f"a{index}", severity) for index in range(count)]


def test_as_many_groups_as_are_allowed_are_no_storm(sky: Sky) -> None:
    ids = fire_many(sky, 5)
    assert sky.work() == ids
    assert not sky.storms.is_active


def test_groups_that_come_slowly_are_no_storm(sky: Sky) -> None:
    for index in range(20):
        sky.fire(f"a{index}")
        sky.clock.turn(15)
    assert len(sky.work()) == 20


def test_of_a_storm_so_many_are_triaged_and_the_digest_lists_the_rest(sky: Sky) -> None:
    ids = fire_many(sky, 12)
    sky.clock.turn(6)
    assert sky.work() == ids[:3]
    report = sky.digest()
    text = to_markdown(report, None)
    assert report.alertname == "AlertStorm"
    assert "12 incidents began at once. 3 of the gravest are triaged in full, 9 are listed here" in text
    assert "9 incidents" in text
    for index in range(3, 12):
        assert f"a{index}" in text
    assert sky.queue.depth()[JobState.HELD] == 9


def test_the_gravest_are_triaged_also_when_they_come_last(sky: Sky) -> None:
    fire_many(sky, 10)
    sky.work()
    grave = [sky.fire(f"z{index}", "critical") for index in range(4)]
    assert sky.work() == grave[:3]


def test_a_listed_one_that_becomes_graver_is_triaged(sky: Sky) -> None:
    ids = fire_many(sky, 10)
    sky.work()
    labels = {"alertname": "AlertA", "severity": "critical", "service": "a9"}
    worse = Alert("another", AlertStatus.FIRING, sky.clock(), None, labels, {})
    sky.intake.take(AlertBatch("group-a9", (worse,)))
    assert sky.work() == [ids[9]]


def test_what_somebody_began_before_the_storm_is_finished(sky: Sky) -> None:
    ids = fire_many(sky, 4)
    assert sky.work() == ids
    late = [sky.fire(f"b{index}") for index in range(6)]
    assert sky.work() == [] or set(sky.diagnosed) <= set(late)
    assert sky.queue.depth()[JobState.HELD] > 0


def test_after_the_storm_those_that_still_fire_are_triaged_and_the_others_done(sky: Sky) -> None:
    ids = fire_many(sky, 12)
    sky.work()
    for index in range(8, 12):
        sky.fire(f"a{index}", status="resolved")
    sky.clock.turn(61)
    sky.storms.look()
    assert not sky.storms.is_active
    fresh = sky.fire("fresh", "info")
    assert sky.work() == [fresh, *ids[3:8]]
    depth = sky.queue.depth()
    assert depth[JobState.HELD] == depth[JobState.QUEUED] == depth[JobState.DEAD] == 0
    assert sky.digest().status is AlertStatus.RESOLVED


def test_a_storm_that_goes_on_is_one_digest_that_grows(sky: Sky) -> None:
    fire_many(sky, 10)
    sky.clock.turn(6)
    sky.work()
    before = sky.digest().incident_id
    for index in range(10):
        sky.fire(f"b{index}")
    sky.storms.look()
    sky.clock.turn(6)
    sky.work()
    assert sky.digest().incident_id == before
    assert "20 incidents began at once" in sky.digest().sentence
    names = [line.name for line in sky.digest().alerts]
    assert names == ["AlertStorm", "AlertB", "AlertA"]


def test_many_alerts_write_the_digest_once(sky: Sky) -> None:
    fire_many(sky, 30)
    queued = sky.queue.depth()[JobState.QUEUED]
    assert queued == 3 + 1


def test_a_listed_incident_says_where_it_is_listed(sky: Sky) -> None:
    ids = fire_many(sky, 10)
    sky.clock.turn(6)
    sky.work()
    told = sky.store.markdown(ids[-1])
    assert told is not None
    assert sky.digest().incident_id in told


def test_a_clock_that_is_set_back_ends_no_storm_and_begins_none(sky: Sky) -> None:
    fire_many(sky, 4)
    sky.clock.turn(-3_600)
    for index in range(4):
        sky.fire(f"b{index}")
    assert not sky.storms.is_active


def test_triages_own_alerts_are_never_held(sky: Sky) -> None:
    fire_many(sky, 10)
    sky.work()
    labels = {"alertname": "HeartbeatMissing", "severity": "critical"}
    own = Alert("heartbeat", AlertStatus.FIRING, sky.clock(), None, labels, {})
    (incident_id,) = sky.intake.take(AlertBatch("triage:heartbeat", (own,))).incident_ids
    assert sky.work() == [incident_id]
