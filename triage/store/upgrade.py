"""An older database gets the tables, columns and indexes that it lacks; nothing is taken away."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.schema import CreateColumn

from triage.store.locks import SCHEMA, lock
from triage.store.tables import metadata


def bring_up_to_date(engine: Engine) -> None:
    """Make what is missing; doing it again, or by several processes at once, changes nothing more.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: when the database can't be changed; nothing is then changed.
    """
    with engine.begin() as connection:
        lock(connection, SCHEMA)
        before = set(inspect(connection).get_table_names())
        metadata.create_all(connection)
        for name in before & metadata.tables.keys():
            _complete(connection, name)


def _complete(connection: Connection, name: str) -> None:
    table = metadata.tables[name]
    inspector = inspect(connection)
    known = {column["name"] for column in inspector.get_columns(name)}
    quote = connection.dialect.identifier_preparer.quote
    for column in table.columns:
        if column.name not in known:
            # a column that may not be empty has a default of the server's, so that old rows get it
            definition = CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {quote(name)} ADD COLUMN {definition}")
    there = {index["name"] for index in inspector.get_indexes(name)}
    for index in table.indexes:
        if index.name not in there:
            index.create(connection)
