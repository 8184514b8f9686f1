"""What a database does when it is locked, full, old, or shared by several processes."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, func, inspect, select

from tests.postgresql import PostgreSQL
from tests.unit.triage.conftest import Running
from tests.unit.triage.story import Story, payload
from triage.alert import Alert, AlertBatch, AlertStatus
from triage.clock import utc_now
from triage.store import tables
from triage.store.database import open_database
from triage.store.intake import Intake, Receipt
from triage.store.writer import Writer
from triage.storms.policy import StormPolicy
from triage.storms.storms import Storms

Serve = Callable[..., Running]


def failures(running: Running, kind: str) -> bool:
    series = f'homeostat_triage_intake_failures_total{{kind="{kind}"}} 1.0'
    return series in running.client.get("/metrics").text


def test_a_locked_database_is_answered_503_and_counted_as_such(
    serve: Serve, story: Story, tmp_path: Path
) -> None:
    running = serve(database_patience_seconds=0.2)
    other = sqlite3.connect(tmp_path / "triage.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert running.post(story.payload()).status_code == 503
    # reading goes on: health, metrics and pages need no lock
    assert running.client.get("/healthz").status_code == 200
    assert failures(running, "locked")
    other.execute("ROLLBACK")
    other.close()
    assert running.post(story.payload()).json()["accepted"] == 1


def test_a_full_disk_is_answered_503_and_counted_as_such(serve: Serve, story: Story, tmp_path: Path) -> None:
    running = serve()
    with running.triage.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    running.triage.engine.dispose()

    def small(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(running.triage.engine, "connect", small)
    answers = [
        running.post(story.payload(fingerprint=f"{index:016x}", annotations={"summary": "x" * 3_000}))
        for index in range(20)
    ]
    assert answers[-1].status_code == 503
    none = 'homeostat_triage_intake_failures_total{kind="full"} 0.0'
    assert none not in running.client.get("/metrics").text
    event.remove(running.triage.engine, "connect", small)
    running.triage.engine.dispose()
    assert running.post(story.payload(fingerprint="f" * 16)).status_code == 202


def test_an_older_database_gets_what_it_lacks(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    old = sqlite3.connect(file)
    old.executescript("""
        CREATE TABLE incidents (id VARCHAR(64) PRIMARY KEY, group_key TEXT NOT NULL, epoch INTEGER NOT NULL,
          truncated INTEGER NOT NULL, opened_at VARCHAR(32) NOT NULL);
        CREATE TABLE jobs (id INTEGER PRIMARY KEY, incident_id VARCHAR(64) NOT NULL,
          state VARCHAR(16) NOT NULL, attempts INTEGER NOT NULL, run_after VARCHAR(32) NOT NULL,
          leased_until VARCHAR(32),
          worker VARCHAR(128), last_error TEXT, created_at VARCHAR(32) NOT NULL);
        INSERT INTO incidents VALUES ('a', 'a', 1, 0, '2026-01-02T00:00:00.000000+00:00');
        INSERT INTO jobs VALUES (1, 'a', 'queued', 0, '2026-01-02T00:00:00.000000+00:00', NULL, NULL, NULL,
          '2026-01-02T00:00:00.000000+00:00');
    """)
    old.close()
    open_database(f"sqlite:///{file}").dispose()
    engine = open_database(f"sqlite:///{file}")
    with engine.begin() as connection:
        assert connection.execute(select(tables.jobs.c.priority, tables.jobs.c.beat)).all() == [(3, 0)]
    names = {index["name"] for index in inspect(engine).get_indexes("jobs")}
    assert {"jobs_due", "jobs_one_lease"} <= names
    engine.dispose()


class Process:
    """What one triage process has of its own."""

    def __init__(self, url: str) -> None:
        self.engine = open_database(url)
        self.writer = Writer(self.engine)
        storms = Storms(self.engine, self.writer, utc_now, StormPolicy(most_groups=1_000))
        self.intake = Intake(self.writer, utc_now, timedelta(minutes=5), storms)

    def close(self) -> None:
        self.writer.close()
        self.engine.dispose()


@pytest.fixture
def processes(postgresql_server: PostgreSQL) -> Iterator[list[Process]]:
    with postgresql_server.database() as url:
        both = [Process(url), Process(url)]
        yield both
        for one in both:
            one.close()


def test_two_processes_that_hear_the_same_store_it_once(processes: list[Process]) -> None:
    start = datetime.now(UTC)
    receipts: list[Receipt] = []

    def tell(process: Process) -> None:
        for index in range(30):
            alert = Alert(f"{index:016x}", AlertStatus.FIRING, start, None, {"alertname": "TargetDown"}, {})
            receipts.append(process.intake.take(AlertBatch(f"group-{index % 5}", (alert,))))

    threads = [threading.Thread(target=tell, args=(process,)) for process in processes for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(receipts) == 120
    assert sum(receipt.accepted for receipt in receipts) == 30
    assert sum(receipt.duplicates for receipt in receipts) == 90
    with processes[0].engine.begin() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.incidents)) == 5


def test_processes_that_start_at_once_make_the_tables_once(postgresql_server: PostgreSQL) -> None:
    with postgresql_server.database() as url:
        opened: list[object] = []
        threads = [threading.Thread(target=lambda: opened.append(open_database(url))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(opened) == 4
        engine = create_engine(url.replace("postgresql:", "postgresql+psycopg2:"))
        assert set(tables.metadata.tables) <= set(inspect(engine).get_table_names())
        engine.dispose()


def test_one_group_of_many_alerts_costs_no_more_for_each(serve: Serve) -> None:
    running = serve()
    start = datetime.now(UTC)
    statements: list[str] = []
    running.post(payload(start))
    running.settled()
    event.listen(
        running.triage.engine, "after_cursor_execute", lambda _c, _cur, sql, *_: statements.append(sql)
    )
    running.triage.worker.stop()
    statements.clear()
    running.post(payload(start, fingerprint="1" * 16))
    assert not any("labels" in sql and sql.startswith("SELECT") for sql in statements)
