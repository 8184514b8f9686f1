"""No budget is ever exceeded: not by two at once, not by a crash, not by a provider that fails."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from triage.analysts.analysis import Usage
from triage.breaker import Breaker, BreakerPolicy
from triage.budget.answers import Answers
from triage.budget.ledger import Ledger
from triage.budget.limits import DAY, HOUR, Limits, Prices, Spent, over
from triage.budget.purse import Purse
from triage.errors import AnalystUnavailable
from triage.store.database import open_database

ON_EVERY_DATABASE = True

PLENTY = Spent(1_000, 10_000_000, 1_000.0)


class Hands:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> Hands:
    return Hands()


def ledger(engine: Engine, clock: Hands, **limits: Spent) -> Ledger:
    return Ledger(engine, clock, Limits(**{"incident": PLENTY, "hour": PLENTY, "day": PLENTY, **limits}))


def test_what_was_set_aside_is_replaced_by_what_it_cost(engine, clock):
    books = ledger(engine, clock)
    entry = books.reserve("i", Spent(2, 9_000, 0.9))
    assert books.spent(HOUR) == Spent(2, 9_000, 0.9)
    books.settle(entry, Spent(1, 700, 0.07))
    assert books.spent(HOUR) == Spent(1, 700, 0.07)


@pytest.mark.parametrize("limit", [Spent(1, 10**9, 1e9), Spent(99, 150, 1e9), Spent(99, 10**9, 0.15)])
@pytest.mark.parametrize("period", ["incident", "hour", "day"])
def test_each_budget_of_each_period_ends(engine, clock, limit, period):
    books = ledger(engine, clock, **{period: limit})
    books.reserve("i", Spent(1, 100, 0.1))
    with pytest.raises(AnalystUnavailable, match=f"the {period}'s budget of .* is used up"):
        books.reserve("i", Spent(1, 100, 0.1))
    assert books.spent(DAY) == Spent(1, 100, 0.1)


def test_an_hour_and_a_day_begin_anew_and_an_incident_does_not(engine, clock):
    one = Spent(1, 10, 0.0)
    books = ledger(
        engine, clock, incident=Spent(3, 999, 1.0), hour=Spent(1, 999, 1.0), day=Spent(2, 999, 1.0)
    )
    books.reserve("i", one)
    clock.now += timedelta(minutes=61)
    books.reserve("i", one)
    clock.now += timedelta(minutes=61)
    with pytest.raises(AnalystUnavailable, match="day's budget of 2 calls"):
        books.reserve("i", one)
    clock.now += timedelta(hours=24)
    books.reserve("i", one)
    clock.now += timedelta(hours=25)
    with pytest.raises(AnalystUnavailable, match="incident's budget of 3 calls"):
        books.reserve("i", one)
    books.reserve("another", one)


def test_of_many_who_ask_at_once_only_as_many_get_it_as_there_is(engine, clock):
    books = ledger(engine, clock, hour=Spent(5, 10**9, 1e9))

    def tried(number: int) -> bool:
        try:
            books.reserve(f"i{number}", Spent(1, 1, 0.0))
        except AnalystUnavailable:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(tried, range(20))) == 5


def test_a_call_that_never_came_back_stays_in_the_books(database_url, clock):
    first = open_database(database_url)
    ledger(first, clock).reserve("i", Spent(2, 500, 0.5))
    first.dispose()
    again = open_database(database_url)
    assert ledger(again, clock).spent(HOUR) == Spent(2, 500, 0.5)
    again.dispose()


def test_a_provider_that_keeps_failing_is_left_alone_and_then_asked_once(engine, clock):
    now = [0.0]
    breaker = Breaker(BreakerPolicy(failures=2, shortest_seconds=10.0), lambda: now[0])
    purse = Purse(ledger(engine, clock), breaker, Prices())
    for _ in range(2):
        purse.close(purse.open("i", 300), None)
    with pytest.raises(AnalystUnavailable, match="asked again in 10 s"):
        purse.open("i", 300)
    now[0] = 10.0
    purse.close(purse.open("i", 300), Usage(calls=1, input_tokens=1, output_tokens=1))
    purse.open("i", 300)


def test_the_estimate_covers_what_the_question_costs_with_its_repair(engine, clock):
    books = ledger(engine, clock)
    purse = Purse(books, Breaker(BreakerPolicy()), Prices(input=1.0, output=2.0))
    entry = purse.open("i", 30_000)
    aside = books.spent(HOUR)
    paid = purse.close(entry, Usage(calls=2, input_tokens=2 * 30_000 // 4, output_tokens=2_000))
    spent = books.spent(HOUR)
    assert aside.tokens >= spent.tokens == 17_000
    assert aside.money >= spent.money == pytest.approx(paid.cost_usd) == pytest.approx(0.019)


def test_an_answer_is_kept_in_place_of_a_former_one(engine, clock):
    answers = Answers(engine, clock)
    assert answers.get("k") is None
    answers.put("k", {"causes": [1]})
    answers.put("k", {"causes": []})
    assert answers.get("k") == {"causes": []}


@given(
    st.integers(0, 5),
    st.integers(0, 5),
    st.floats(0, 5),
    st.integers(0, 5),
    st.integers(0, 5),
    st.floats(0, 5),
)
def test_something_is_over_exactly_when_a_part_is(calls, tokens, money, most_calls, most_tokens, most_money):
    told = over(Spent(calls, tokens, money), Spent(most_calls, most_tokens, most_money), "day")
    assert (told is not None) == (calls > most_calls or tokens > most_tokens or money > most_money)


def test_of_two_that_keep_the_same_answer_at_once_one_is_kept(engine, clock):
    def keep(number: int) -> None:
        Answers(engine, clock).put("question", {"number": number})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(keep, range(40)))
    assert Answers(engine, clock).get("question")["number"] in range(40)
