"""The dead-man's switch: a watcher that falls silent is an incident, once, until it is heard again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.triage.conftest import Running, wait_until
from triage.alert import AlertStatus
from triage.bootstrap import Triage, build
from triage.settings import Settings
from triage.vigil import GROUP

ON_EVERY_DATABASE = True


@dataclass
class Hands:
    """A clock that a test turns."""

    now: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def triage(settings: Settings, clock: Hands) -> Iterator[Triage]:
    built = build(settings, clock)
    yield built
    built.engine.dispose()


def statuses(triage: Triage) -> list[AlertStatus]:
    return [incident.status for incident in triage.store.latest() if incident.group_key == GROUP]


def test_a_heartbeat_in_time_raises_nothing(triage: Triage, clock: Hands) -> None:
    for _ in range(10):
        clock.turn(200)
        triage.heartbeats.record()
        triage.vigil.look()
    assert statuses(triage) == []


def test_silence_is_one_incident_that_ends_with_the_next_heartbeat(triage: Triage, clock: Hands) -> None:
    triage.heartbeats.record()
    heard = clock.now
    clock.turn(301)
    triage.vigil.look()
    clock.turn(60)
    triage.vigil.look()
    assert statuses(triage) == [AlertStatus.FIRING]
    clock.turn(60)
    triage.heartbeats.record()
    triage.vigil.look()
    triage.vigil.look()
    (incident,) = triage.store.latest()
    assert (incident.status, incident.started_at, incident.resolved_at) == ("resolved", heard, clock.now)


def test_a_watcher_that_was_never_heard_is_missed_too(triage: Triage, clock: Hands) -> None:
    clock.turn(301)
    triage.vigil.look()
    assert statuses(triage) == [AlertStatus.FIRING]


def test_the_night_that_triage_itself_was_down_is_no_silence(
    triage: Triage, settings: Settings, clock: Hands
) -> None:
    triage.heartbeats.record()
    clock.turn(8 * 3_600)
    started_again = build(settings, clock)
    started_again.vigil.look()
    assert statuses(triage) == []
    started_again.engine.dispose()


def test_a_restart_closes_what_was_raised_before_it(triage: Triage, settings: Settings, clock: Hands) -> None:
    clock.turn(301)
    triage.vigil.look()
    started_again = build(settings, clock)
    clock.turn(5)
    started_again.heartbeats.record()
    started_again.vigil.look()
    assert statuses(triage) == [AlertStatus.RESOLVED]
    started_again.engine.dispose()


def test_a_running_triage_reports_the_silence(serve: Callable[..., Running]) -> None:
    running = serve(heartbeat_patience_seconds=0.1)
    wait_until(lambda: bool(running.client.get("/api/incidents").json()["incidents"]))
    running.settled()
    incident = running.only_incident()
    assert incident["alertname"] == "HeartbeatMissing"
    assert "docs/runbooks/Watchdog.md" in running.client.get(f"/incidents/{incident['id']}").text
