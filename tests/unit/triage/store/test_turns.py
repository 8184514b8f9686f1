"""Who writes next: nobody that waits is passed over."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from triage.store.database import open_database, reading
from triage.store.turns import Turns


def test_turns_come_in_the_order_in_which_they_were_asked_for() -> None:
    turns, order = Turns(), []
    assert turns.take(1)
    threads: list[threading.Thread] = []
    for index in range(5):

        def wait(index: int = index) -> None:
            assert turns.take(20)
            order.append(index)
            turns.give_back()

        before = len(turns._waiting)
        threads.append(threading.Thread(target=wait))
        threads[-1].start()
        while len(turns._waiting) == before:
            threading.Event().wait(0.001)
    turns.give_back()
    for thread in threads:
        thread.join(20)
    assert order == [0, 1, 2, 3, 4]
    assert turns.take(0)


def test_who_gives_up_is_passed_over() -> None:
    turns = Turns()
    assert turns.take(1)
    assert not turns.take(0.01)
    turns.give_back()
    assert turns.take(0)


def test_a_thread_that_writes_all_the_time_keeps_no_other_from_writing(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'turns.db'}", patience_seconds=20)
    over = threading.Event()

    def write_on_and_on() -> None:
        while not over.is_set():
            with engine.begin() as connection:
                connection.exec_driver_sql("DELETE FROM heartbeats")

    thread = threading.Thread(target=write_on_and_on)
    thread.start()
    for _ in range(50):
        with engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM heartbeats")
    over.set()
    thread.join(20)
    engine.dispose()


def test_reading_waits_for_no_turn_and_a_failed_transaction_gives_its_own_back(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'turns.db'}", patience_seconds=0.1)
    with engine.begin(), reading(engine) as reader:
        reader.exec_driver_sql("SELECT * FROM heartbeats")
        with pytest.raises(OperationalError, match="database is locked"), engine.begin():
            pass
    with pytest.raises(OperationalError), engine.begin() as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM heartbeats")
    engine.dispose()
