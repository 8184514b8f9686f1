"""Couriers: a slow destination delays nobody, a revoked token ends in the open, and waits are honoured."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from tests.unit.triage.conftest import wait_until
from tests.unit.triage.destinations.conftest import INCIDENT, a_message, a_report, resolved
from tests.unit.triage.faulty_http import Fault
from tests.unit.triage.slack_server import CHANNEL, TOKEN, SlackServer
from triage.breaker import Breaker, BreakerPolicy, BreakerState
from triage.clock import utc_now
from triage.destinations.courier import Courier
from triage.destinations.delivery import DeliveryPolicy, DeliveryState
from triage.destinations.destination import Destination, Outcome
from triage.destinations.dispatcher import Dispatcher
from triage.destinations.files import FileDestination
from triage.destinations.message import Message
from triage.destinations.orders import want
from triage.destinations.outbox import Outbox
from triage.destinations.slack import SlackDestination
from triage.destinations.token import TokenFile
from triage.queue.backoff import Backoff
from triage.report.document import Report
from triage.store import tables
from triage.store.database import open_database


@dataclass
class Office:
    """An outbox with its couriers; ``report`` is what every incident's report says now."""

    outbox: Outbox
    folder: Path
    slack: SlackServer
    token: Path
    report: Report = field(default_factory=a_report)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    couriers: dict[str, Courier] = field(default_factory=dict)

    def courier(self, destination: Destination, policy: BreakerPolicy | None = None) -> Courier:
        breaker = Breaker(policy or BreakerPolicy(failures=3, shortest_seconds=60))
        courier = Courier(destination, self.outbox, self.message, breaker, self.count, poll_seconds=0.05)
        self.couriers[courier.name] = courier
        return courier

    def to_slack(self) -> SlackDestination:
        return SlackDestination(
            TokenFile(self.token, "TRIAGE_SLACK_TOKEN_FILE"), CHANNEL, self.slack.api, 20.0
        )

    def message(self, incident: str) -> Message:
        return a_message(self.report.model_copy(update={"incident_id": incident}))

    def count(self, name: str, outcome: Outcome) -> None:
        self.counts[name, outcome.value] += 1

    def order(self, destination: Destination, incident: str = INCIDENT) -> None:
        with self.outbox._engine.begin() as connection:
            known = connection.execute(
                tables.incidents.select().where(tables.incidents.c.id == incident)
            ).first()
            if known is None:
                row = {"id": incident, "group_key": incident, "epoch": 1, "opened_at": datetime.now(UTC)}
                connection.execute(insert(tables.incidents).values(**row))
            revision = destination.revision(self.message(incident))
            want(connection, incident, {destination.name: revision}, datetime.now(UTC))

    def states(self) -> dict[str, DeliveryState]:
        return {entry.incident_id: entry.state for entry in self.outbox.entries()}


@pytest.fixture
def office(tmp_path: Path, folder: Path, slack: SlackServer) -> Iterator[Office]:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    engine = open_database(f"sqlite:///{tmp_path / 'office.db'}")
    policy = DeliveryPolicy(timedelta(seconds=100), 5, Backoff(base_seconds=0.02, most_seconds=0.05))
    yield Office(Outbox(engine, utc_now, policy, "here"), folder, slack, token)
    engine.dispose()


@pytest.fixture
def running() -> Iterator[Callable[[Office], Dispatcher]]:
    started: list[Dispatcher] = []

    def run(office: Office) -> Dispatcher:
        dispatcher = Dispatcher(office.outbox, list(office.couriers.values()), utc_now)
        dispatcher.start()
        started.append(dispatcher)
        return dispatcher

    yield run
    for dispatcher in started:
        dispatcher.stop()


def test_a_slow_destination_delays_no_other(office: Office, running: Callable[[Office], Dispatcher]) -> None:
    fault = office.slack.fails(Fault("chat.postMessage", hold=threading.Event()))
    to_slack, files = office.to_slack(), FileDestination(office.folder)
    for destination in (to_slack, files):
        office.courier(destination)
        office.order(destination)
    dispatcher = running(office)
    assert fault.reached.wait(20)
    wait_until(lambda: dispatcher.health()["file"]["pending"] == 0)
    assert dispatcher.health()["slack"]["pending"] == 1
    assert (office.folder / f"{INCIDENT}.md").exists()
    fault.hold.set()
    wait_until(lambda: dispatcher.health()["slack"]["pending"] == 0)


def test_what_fails_for_a_while_is_sent_once_in_the_end(
    office: Office, running: Callable[[Office], Dispatcher]
) -> None:
    for fault in (
        Fault("chat.postMessage", status=500),
        Fault("chat.postMessage", reset=True),
        Fault("auth.test", status=429, headers={"retry-after": "1"}),
        Fault("conversations.history", cut=True),
    ):
        office.slack.fails(fault)
    destination = office.to_slack()
    office.courier(destination, BreakerPolicy(failures=2, shortest_seconds=0.05, longest_seconds=0.1))
    office.order(destination)
    dispatcher = running(office)
    wait_until(lambda: dispatcher.health()["slack"]["pending"] == 0)
    assert len(office.slack.messages) == 1
    assert office.counts == {
        ("slack", "server_error"): 1,
        ("slack", "half_response"): 2,
        ("slack", "rate_limited"): 1,
        ("slack", "adopted"): 1,
    }


def test_a_wait_that_was_asked_for_holds_for_all_that_the_destination_gets(office: Office) -> None:
    office.slack.fails(Fault("chat.postMessage", status=429, headers={"retry-after": "30"}))
    destination = office.to_slack()
    courier = office.courier(destination)
    office.order(destination, "first")
    office.order(destination, "second")
    assert courier.bring_once()
    assert not courier.bring_once(), "the second waits too"
    assert 29 < courier.breaker.wait_seconds <= 30
    assert courier.breaker.state is BreakerState.CLOSED


def test_a_revoked_token_is_a_dead_letter_with_a_sentence_and_opens_the_breaker(office: Office) -> None:
    office.slack.application.tokens.clear()
    destination = office.to_slack()
    courier = office.courier(destination)
    for number in range(5):
        office.order(destination, f"incident-{number}")
    while courier.bring_once():
        pass
    assert courier.breaker.state is BreakerState.OPEN
    assert sorted(office.states().values()) == ["dead", "dead", "dead", "pending", "pending"]
    assert "it was revoked" in (office.outbox.entries()[0].last_error or "")
    assert office.slack.count("chat.postMessage") == 3


def test_a_new_token_in_the_file_counts_at_once(office: Office) -> None:
    office.slack.application.tokens = {"xoxb-the-next-token"}
    destination = office.to_slack()
    courier = office.courier(destination)
    office.order(destination)
    courier.bring_once()
    assert office.states() == {INCIDENT: DeliveryState.DEAD}
    office.token.write_text("xoxb-the-next-token\n")
    office.outbox.resend(office.outbox.entries()[0].id)
    courier.bring_once()
    assert office.states() == {INCIDENT: DeliveryState.SENT}


def test_an_unchanged_report_is_not_sent_again_and_a_changed_one_is_edited(office: Office) -> None:
    destination = office.to_slack()
    courier = office.courier(destination)
    for report in (a_report(), a_report(), resolved()):
        office.report = report
        office.order(destination)
        courier.bring_once()
    (message,) = office.slack.messages
    assert office.slack.application.updates == {message["ts"]: 1}
    assert office.counts == {("slack", "sent"): 1, ("slack", "edited"): 1}


def test_a_mistake_of_ours_stops_no_other_delivery(office: Office) -> None:
    class Broken(SlackDestination):
        def deliver(self, message, known, doubt):
            if message.incident_id == "bad":
                raise KeyError("token=hunter2hunter2")
            return super().deliver(message, known, doubt)

    destination = Broken(TokenFile(office.token, "X"), CHANNEL, office.slack.api, 5.0)
    courier = office.courier(destination)
    office.order(destination, "bad")
    office.order(destination, "good")
    assert courier.bring_once()
    assert courier.bring_once()
    assert office.states() == {"bad": DeliveryState.PENDING, "good": DeliveryState.SENT}
    assert "hunter2" not in (
        next(e for e in office.outbox.entries() if e.incident_id == "bad").last_error or ""
    )


def test_health_names_breakers_and_what_is_no_longer_configured(office: Office) -> None:
    destination = office.to_slack()
    office.order(destination)
    dispatcher = Dispatcher(office.outbox, [office.courier(FileDestination(office.folder))], utc_now)
    told = dispatcher.health()
    assert (told["file"]["breaker"], told["slack"]["breaker"]) == ("closed", "not configured")
    assert (told["file"]["pending"], told["slack"]["pending"]) == (0, 1)
