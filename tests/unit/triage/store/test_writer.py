"""Group commit: nobody is told of success before it is on disk, and nobody pays for another's fault."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future

import pytest
from sqlalchemy import Connection, Engine, event, func, insert, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from tests.unit.triage.databases import refusing
from triage.clock import utc_now
from triage.errors import StoreOverloaded
from triage.store import tables
from triage.store.database import open_database
from triage.store.writer import Writer

ON_EVERY_DATABASE = True


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url, patience_seconds=0.2)
    yield engine
    engine.dispose()


@pytest.fixture
def writer(engine: Engine) -> Iterator[Writer]:
    writer = Writer(engine)
    yield writer
    writer.close()


class Gate:
    """Keeps the writer busy until it is opened, so that what follows gathers."""

    def __init__(self, writer: Writer) -> None:
        self._open = threading.Event()
        entered = threading.Event()

        def wait(_: Connection) -> None:
            entered.set()
            self._open.wait(20)

        self.receipt = writer.submit(wait)
        assert entered.wait(20)

    def open(self) -> None:
        self._open.set()


def opening(name: str):
    def work(connection: Connection) -> str:
        row = {"id": name, "group_key": name, "epoch": 1, "opened_at": utc_now()}
        connection.execute(insert(tables.incidents).values(**row))
        return name

    return work


def stored(engine: Engine) -> int:
    with engine.begin() as connection:
        return connection.scalar(select(func.count()).select_from(tables.incidents)) or 0


def commits_of(engine: Engine) -> list[Connection]:
    seen: list[Connection] = []
    event.listen(engine, "commit", seen.append)
    return seen


def test_calls_that_come_together_share_one_commit(engine: Engine, writer: Writer) -> None:
    gate = Gate(writer)
    receipts = [writer.submit(opening(str(index))) for index in range(50)]
    commits = commits_of(engine)
    gate.open()
    assert [receipt.result(20) for receipt in receipts] == [str(index) for index in range(50)]
    assert len(commits) == 2
    assert stored(engine) == 50


def test_a_receipt_is_there_only_after_the_commit(engine: Engine, writer: Writer) -> None:
    done: list[bool] = []
    receipts: list[Future[str]] = []
    event.listen(engine, "commit", lambda _: done.extend(receipt.done() for receipt in receipts))
    gate = Gate(writer)
    receipts += [writer.submit(opening(str(index))) for index in range(5)]
    gate.open()
    for receipt in receipts:
        receipt.result(20)
    assert done[-5:] == [False] * 5


def test_one_that_fails_takes_no_other_with_it(engine: Engine, writer: Writer) -> None:
    gate = Gate(writer)
    receipts = [writer.submit(opening(name)) for name in ("a", "b", "b", "c")]
    gate.open()
    assert [receipt.exception(20) is None for receipt in receipts] == [True, True, False, True]
    assert stored(engine) == 3


def test_a_commit_that_fails_fails_all_and_the_next_works(engine: Engine, writer: Writer) -> None:
    def refuse(_: Connection) -> None:
        raise DBAPIError("COMMIT", None, OSError("disk I/O error"))

    gate = Gate(writer)
    receipts = [writer.submit(opening(name)) for name in "abc"]
    event.listen(engine, "commit", refuse)
    gate.open()
    assert all(isinstance(receipt.exception(20), SQLAlchemyError) for receipt in receipts)
    event.remove(engine, "commit", refuse)
    assert stored(engine) == 0
    assert writer.submit(opening("d")).result(20) == "d"


def test_a_full_disk_fails_all_at_once(engine: Engine, writer: Writer) -> None:
    with refusing(engine, "incidents"):
        gate = Gate(writer)
        receipts = [writer.submit(opening(name)) for name in "abc"]
        gate.open()
        assert all(isinstance(receipt.exception(20), SQLAlchemyError) for receipt in receipts)
    assert stored(engine) == 0


def test_who_hung_up_is_not_stored(engine: Engine, writer: Writer) -> None:
    gate = Gate(writer)
    gone, here = writer.submit(opening("a")), writer.submit(opening("b"))
    assert gone.cancel()
    gate.open()
    assert here.result(20) == "b"
    assert stored(engine) == 1


def test_too_many_that_wait_are_told_so_at_once(engine: Engine) -> None:
    writer = Writer(engine, most_waiting=2)
    gate = Gate(writer)
    for name in "ab":
        writer.submit(opening(name))
    with pytest.raises(StoreOverloaded):
        writer.submit(opening("c"))
    gate.open()
    writer.close()
    assert stored(engine) == 2


def test_what_waits_is_committed_before_the_end(engine: Engine) -> None:
    writer = Writer(engine)
    gate = Gate(writer)
    receipt = writer.submit(opening("a"))
    threading.Timer(0.1, gate.open).start()
    writer.close(20)
    assert receipt.result(0) == "a"
    with pytest.raises(StoreOverloaded):
        writer.submit(opening("b"))
