"""Bring MLflow's database to the schema of the MLflow in this image, before the server starts.

A migration is one transaction: it happens whole or not at all. A database that a newer MLflow has changed
is refused, since MLflow can't go back; an empty one is left to the server, which makes its tables itself.
"""

import os
import sys

import sqlalchemy
from alembic.script import ScriptDirectory
from mlflow.store.db import utils

#: of ours alone, so that two starts never migrate at once
LOCK = 7_140_553


def say(sentence: str) -> None:
    """A line of the container's log."""
    sys.stdout.write(f"{sentence}\n")


def main() -> None:
    """Migrate if needed, and say what was done."""
    engine = sqlalchemy.create_engine(os.environ["MLFLOW_BACKEND_STORE_URI"])
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        if not sqlalchemy.inspect(connection).has_table("alembic_version"):
            say("the database is empty")
            return
        found = connection.scalar(sqlalchemy.text("SELECT version_num FROM alembic_version"))
        connection.commit()
        scripts = ScriptDirectory.from_config(utils._get_alembic_config(""))  # noqa: SLF001 - as below
        known = {script.revision for script in scripts.walk_revisions()}
        wanted = scripts.get_current_head()
        if found not in known:
            sys.exit(f"the database has the schema {found}, which only a newer MLflow than this knows.")
        if found == wanted:
            say(f"the database has the schema {wanted}")
            return
        utils._upgrade_db(engine)  # noqa: SLF001 - "mlflow db upgrade" wants the password as an argument
        say(f"the database went from schema {found} to {wanted}")


if __name__ == "__main__":
    main()
