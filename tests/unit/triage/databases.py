"""The databases that triage runs on, and how each is made to fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

#: a test module that sets ``ON_EVERY_DATABASE = True`` runs on each of them
DATABASES = ("sqlite", "postgresql")

_REFUSAL = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$
"""


@contextmanager
def refusing(engine: Engine, table: str) -> Iterator[None]:
    """Within the block nothing can be inserted into ``table``, as on a full disk."""
    postgresql = engine.dialect.name == "postgresql"
    with engine.begin() as connection:
        if postgresql:
            connection.exec_driver_sql(_REFUSAL)
            connection.exec_driver_sql(
                f"CREATE TRIGGER no_room BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()"
            )
        else:
            connection.exec_driver_sql(
                f"CREATE TRIGGER no_room BEFORE INSERT ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
            )
    yield
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER no_room{f' ON {table}' if postgresql else ''}")
        if postgresql:
            connection.exec_driver_sql("DROP FUNCTION refuse")


def only_read(engine: Engine) -> None:
    """From now on the database refuses every change."""
    postgresql = engine.dialect.name == "postgresql"
    statement = "SET default_transaction_read_only = on" if postgresql else "PRAGMA query_only = ON"

    def forbid(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(statement)
        cursor.close()
        connection.commit()

    engine.dispose()
    event.listen(engine, "connect", forbid)
