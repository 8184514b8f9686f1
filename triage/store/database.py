"""Opening the database: a commit returns only after it is synced, and no reader keeps a writer waiting."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from homeostat.errors import MachineError
from triage.store.turns import Turns
from triage.store.upgrade import bring_up_to_date

#: how long a write waits for another one before it fails and the sender is told to try again
PATIENCE_SECONDS = 5.0

#: where nobody else moves the log, a commit does when it is this long: 64 MiB
_MOST_LOG_PAGES = 16_384
_READS = "homeostat_reads"
_TURN = "homeostat_turn"


def open_database(url: str, patience_seconds: float = PATIENCE_SECONDS) -> Engine:
    """Connect to ``url`` and make what is missing.

    Raises:
        MachineError: when the database can't be opened or made.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        # the error quotes the whole URL, with its password
        raise MachineError("the triage database's URL can't be read as one.") from error
    try:
        engine = _sqlite(parsed, patience_seconds) if is_sqlite(url) else _server(parsed, patience_seconds)
        bring_up_to_date(engine)
    except (ArgumentError, ImportError, SQLAlchemyError, OSError) as error:
        shown = parsed.render_as_string(hide_password=True)
        raise MachineError(f"the triage database {shown} can't be opened: {error}.") from error
    return engine


def is_sqlite(url: str) -> bool:
    """Whether the database is a file, which one process owns."""
    return url.startswith("sqlite")


@contextmanager
def reading(engine: Engine) -> Generator[Connection]:
    """A transaction that sees one state of the database and changes nothing."""
    with engine.connect() as connection:
        reader = connection.execution_options(**{_READS: True})
        with reader.begin():
            yield reader


def checkpoint(engine: Engine) -> None:
    """Move what is committed from SQLite's log into its file, beside those who read and write.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: when the disk can't take it; nothing is then lost.
    """
    if engine.dialect.name == "sqlite":
        with reading(engine) as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
            connection.exec_driver_sql("BEGIN")


def _server(url: URL, patience_seconds: float) -> Engine:
    milliseconds = round(patience_seconds * 1_000)
    options = (
        # whatever the server's own settings are: what was answered with 202 survives a power cut
        "-c synchronous_commit=on "
        f"-c lock_timeout={milliseconds} -c statement_timeout={12 * milliseconds} -c timezone=UTC"
    )
    arguments = {"options": options, "connect_timeout": max(2, round(patience_seconds))}
    # "postgresql" alone means another driver from one version of the library to the next
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg2")
    # a server may have been restarted since the last call
    return create_engine(url, pool_pre_ping=True, connect_args=arguments)


def _sqlite(url: URL, patience_seconds: float) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url)

    def configure(connection: Any, _record: object) -> None:
        # the driver's own transactions start too late; _begin starts them
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={round(patience_seconds * 1_000)}")
        cursor.execute("PRAGMA journal_mode=WAL")
        # FULL syncs the log at each commit: what was answered with 202 survives a power cut
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        # a commit that also moves the log into the file keeps a sender waiting: see checkpoint()
        cursor.execute(f"PRAGMA wal_autocheckpoint={_MOST_LOG_PAGES}")
        cursor.close()

    turns = Turns()

    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_READS, False):
            connection.exec_driver_sql("BEGIN")
            return
        if not turns.take(patience_seconds):
            raise OperationalError("BEGIN IMMEDIATE", None, sqlite3.OperationalError("database is locked"))
        connection.info[_TURN] = turns
        # IMMEDIATE takes the write lock at once: a read that later writes can't fail halfway
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", configure)
    event.listen(engine, "begin", begin)
    event.listen(engine, "checkin", _give_turn_back)
    return engine


def _give_turn_back(_connection: object, record: Any) -> None:
    turns: Turns | None = record.info.pop(_TURN, None)
    if turns is not None:
        turns.give_back()
