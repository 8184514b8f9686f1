"""Opening the database: for SQLite a write-ahead log that is synced before a commit returns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from homeostat.errors import MachineError
from triage.store.tables import metadata

_BUSY_MILLISECONDS = 5_000


def open_database(url: str) -> Engine:
    """Connect to ``url`` and make what is missing.

    Raises:
        MachineError: when the database can't be opened or made.
    """
    try:
        parsed = make_url(url)
        engine = create_engine(parsed)
        if parsed.get_backend_name() == "sqlite":
            _prepare_sqlite(engine, parsed.database)
        metadata.create_all(engine)
    except (ArgumentError, SQLAlchemyError, OSError) as error:
        raise MachineError(f"the triage database {url} can't be opened: {error}.") from error
    return engine


def _prepare_sqlite(engine: Engine, file: str | None) -> None:
    if file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)


def _configure(connection: Any, _record: object) -> None:
    # the driver's own transactions start too late; _begin starts them
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # FULL syncs the log at each commit: what was answered with 202 survives a power cut
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    # IMMEDIATE takes the write lock at once: a read that later writes can't fail halfway
    connection.exec_driver_sql("BEGIN IMMEDIATE")
