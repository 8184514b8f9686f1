"""The outbox loses nothing, gives nothing to two couriers, and remembers a doubt until it is settled."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, select

from triage.destinations.delivery import DeliveryPolicy, DeliveryState
from triage.destinations.destination import DeliveryFailed, Outcome, Receipt
from triage.destinations.orders import want
from triage.destinations.outbox import Outbox
from triage.queue.backoff import Backoff
from triage.store import tables
from triage.store.database import open_database

ON_EVERY_DATABASE = True
START = datetime(2026, 1, 2, tzinfo=UTC)
POLICY = DeliveryPolicy(
    lease=timedelta(seconds=100),
    attempts=3,
    backoff=Backoff(base_seconds=1, most_seconds=8, chance=random.Random(7)),
)
SENT = Receipt("C1/1.0", Outcome.SENT)


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Box:
    engine: Engine
    clock: Clock
    outbox: Outbox

    def want(self, revision: str, incident: str = "a", destination: str = "slack") -> bool:
        with self.engine.begin() as connection:
            known = select(tables.incidents.c.id).where(tables.incidents.c.id == incident)
            if connection.execute(known).first() is None:
                row = {"id": incident, "group_key": incident, "epoch": 1, "opened_at": self.clock()}
                connection.execute(insert(tables.incidents).values(**row))
            return want(connection, incident, {destination: revision}, self.clock())[destination]

    def entry(self):
        (found,) = self.outbox.entries()
        return found

    def fail(self, outcome: Outcome, wait: timedelta | None = None) -> DeliveryState:
        return self.outbox.fail(self.outbox.claim("slack"), DeliveryFailed(outcome, "it failed.", wait))


@pytest.fixture
def box(database_url: str):
    engine = open_database(database_url)
    clock = Clock()
    yield Box(engine, clock, Outbox(engine, clock, POLICY, "here"))
    engine.dispose()


def test_what_is_wanted_is_claimed_once_and_then_sent(box: Box) -> None:
    assert box.want("r1")
    delivery = box.outbox.claim("slack")
    assert box.outbox.claim("slack") is None
    box.outbox.succeed(delivery, SENT, "r1")
    assert (box.entry().state, box.entry().external_id) == (DeliveryState.SENT, "C1/1.0")
    assert box.outbox.claim("slack") is None


def test_the_same_revision_asks_for_nothing_and_another_one_for_an_edit(box: Box) -> None:
    box.want("r1")
    box.outbox.succeed(box.outbox.claim("slack"), SENT, "r1")
    assert not box.want("r1")
    assert box.outbox.claim("slack") is None
    assert box.want("r2")
    assert box.outbox.claim("slack").external_id == "C1/1.0"


def test_what_changes_while_it_is_sent_is_sent_again(box: Box) -> None:
    box.want("r1")
    delivery = box.outbox.claim("slack")
    box.want("r2")
    box.outbox.succeed(delivery, SENT, "r1")
    assert box.entry().state is DeliveryState.PENDING
    assert box.outbox.claim("slack").external_id == "C1/1.0"


def test_a_transaction_that_fails_leaves_nothing_to_send(box: Box) -> None:
    def breaks() -> None:
        with box.engine.begin() as connection:
            row = {"id": "a", "group_key": "a", "epoch": 1, "opened_at": box.clock()}
            connection.execute(insert(tables.incidents).values(**row))
            want(connection, "a", {"slack": "r1"}, box.clock())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        breaks()
    assert not box.outbox.entries()


def test_after_a_crash_the_delivery_comes_back_in_doubt(box: Box) -> None:
    box.want("r1")
    assert box.outbox.claim("slack").doubt is None
    box.clock.advance(30)
    assert Outbox(box.engine, box.clock, POLICY, "here").resume() == 1
    again = box.outbox.claim("slack")
    assert again.doubt is not None
    assert again.doubt.age == timedelta(seconds=30)


def test_a_lease_that_runs_out_comes_back_in_doubt(box: Box) -> None:
    box.want("r1")
    box.outbox.claim("slack")
    assert Outbox(box.engine, box.clock, POLICY, "there").claim("slack") is None
    box.clock.advance(101)
    assert Outbox(box.engine, box.clock, POLICY, "there").claim("slack").doubt is not None


@pytest.mark.parametrize(
    ("outcome", "doubtful"),
    [
        (Outcome.CONNECTION, False),
        (Outcome.RATE_LIMITED, False),
        (Outcome.TIMEOUT, True),
        (Outcome.HALF_RESPONSE, True),
        (Outcome.SERVER_ERROR, True),
    ],
)
def test_only_what_may_have_arrived_is_in_doubt(box: Box, outcome: Outcome, doubtful: bool) -> None:
    box.want("r1")
    assert box.fail(outcome) is DeliveryState.PENDING
    box.clock.advance(60)
    assert (box.outbox.claim("slack").doubt is not None) is doubtful


def test_a_doubt_stays_until_it_is_settled(box: Box) -> None:
    box.want("r1")
    box.fail(Outcome.TIMEOUT)
    box.clock.advance(20)
    box.fail(Outcome.CONNECTION)
    box.clock.advance(20)
    assert box.outbox.claim("slack").doubt.age == timedelta(seconds=40)


def test_a_post_that_is_known_is_never_in_doubt(box: Box) -> None:
    box.want("r1")
    box.outbox.succeed(box.outbox.claim("slack"), SENT, "r1")
    box.want("r2")
    box.fail(Outcome.TIMEOUT)
    box.clock.advance(60)
    delivery = box.outbox.claim("slack")
    assert (delivery.doubt, delivery.external_id) == (None, "C1/1.0")


@pytest.mark.parametrize("outcome", [Outcome.UNAUTHORISED, Outcome.REFUSED, Outcome.GONE, Outcome.UNDECIDED])
def test_what_no_retry_mends_is_given_up_at_once_with_its_sentence(box: Box, outcome: Outcome) -> None:
    box.want("r1")
    assert box.fail(outcome) is DeliveryState.DEAD
    box.clock.advance(10_000)
    assert box.outbox.claim("slack") is None
    assert (box.entry().last_error, box.entry().outcome) == ("it failed.", outcome.value)


def test_retries_are_bounded_and_end_in_the_open(box: Box) -> None:
    box.want("r1")
    states = []
    for _ in range(POLICY.attempts):
        states.append(box.fail(Outcome.SERVER_ERROR))
        box.clock.advance(60)
    assert states == [DeliveryState.PENDING, DeliveryState.PENDING, DeliveryState.DEAD]
    assert box.outbox.backlog()["slack"].dead == 1


def test_a_dead_letter_is_sent_after_a_person_or_new_content_asks_for_it(box: Box) -> None:
    box.want("r1")
    box.fail(Outcome.UNAUTHORISED)
    entry = box.outbox.resend(box.entry().id)
    assert (entry.state, entry.attempts) == (DeliveryState.PENDING, 0)
    box.fail(Outcome.UNAUTHORISED)
    assert box.want("r2")
    assert box.outbox.claim("slack") is not None


def test_resending_keeps_the_doubt_and_reposting_drops_it(box: Box) -> None:
    box.want("r1")
    box.fail(Outcome.UNDECIDED)
    box.outbox.resend(box.entry().id)
    assert box.fail(Outcome.UNDECIDED) is DeliveryState.DEAD
    box.outbox.repost(box.entry().id)
    assert box.outbox.claim("slack").doubt is None


def test_resending_what_is_unknown_is_none(box: Box) -> None:
    assert box.outbox.resend(77) is None


def test_what_the_destination_asked_for_is_waited(box: Box) -> None:
    box.want("r1")
    box.fail(Outcome.RATE_LIMITED, timedelta(seconds=90))
    box.clock.advance(89)
    assert box.outbox.claim("slack") is None
    box.clock.advance(2)
    assert box.outbox.claim("slack") is not None


def test_a_clock_that_is_set_back_keeps_nothing_waiting(box: Box) -> None:
    box.want("r1")
    box.fail(Outcome.SERVER_ERROR)
    box.clock.advance(-86_400)
    assert box.outbox.claim("slack") is not None


def test_a_clock_that_is_set_back_leaves_no_lease_behind(box: Box) -> None:
    box.want("r1")
    box.outbox.claim("slack")
    box.clock.advance(-86_400)
    delivery = Outbox(box.engine, box.clock, POLICY, "there").claim("slack")
    assert delivery.doubt.age == timedelta()


def test_who_comes_too_late_still_tells_the_posts_id(box: Box) -> None:
    box.want("r1")
    late = box.outbox.claim("slack")
    box.clock.advance(101)
    there = Outbox(box.engine, box.clock, POLICY, "there")
    there.claim("slack")
    box.outbox.succeed(late, SENT, "r1")
    assert (box.entry().external_id, box.entry().state) == ("C1/1.0", DeliveryState.SENDING)


@pytest.mark.parametrize("outcome", [Outcome.RATE_LIMITED, Outcome.UNAUTHORISED, Outcome.SERVER_ERROR])
def test_what_was_posted_before_an_attempt_failed_is_edited_by_the_next(box: Box, outcome: Outcome) -> None:
    box.want("r1")
    failure = DeliveryFailed(outcome, "it was posted, and could not be closed.")
    failure.posted = "C1/1.0"
    box.outbox.fail(box.outbox.claim("slack"), failure)
    box.outbox.resend(box.entry().id)
    delivery = box.outbox.claim("slack")
    assert (delivery.external_id, delivery.doubt) == ("C1/1.0", None)


def test_why_a_delivery_failed_is_kept_without_secrets(box: Box) -> None:
    box.want("r1")
    secret = "ghp_" + "a1B2" * 9
    box.outbox.fail(box.outbox.claim("slack"), DeliveryFailed(Outcome.REFUSED, f"it said {secret}."))
    assert secret not in str(box.entry())


def test_each_destination_has_its_own_queue_and_backlog(box: Box) -> None:
    box.want("r1")
    box.want("r1", destination="file")
    box.clock.advance(5)
    box.want("r1", incident="b")
    assert box.outbox.claim("file").incident_id == "a"
    backlog = box.outbox.backlog()
    assert (backlog["slack"].pending, backlog["slack"].oldest) == (2, START)


def test_an_incident_that_was_forgotten_meanwhile_harms_nobody(box: Box) -> None:
    box.want("r1")
    delivery = box.outbox.claim("slack")
    with box.engine.begin() as connection:
        connection.execute(tables.deliveries.delete())
    box.outbox.succeed(delivery, SENT, "r1")
    box.outbox.fail(delivery, DeliveryFailed(Outcome.TIMEOUT, "late."))
    assert not box.outbox.entries()
