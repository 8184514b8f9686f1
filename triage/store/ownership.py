"""A SQLite file belongs to one triage: a second one would take the first one's jobs for a dead process's."""

from __future__ import annotations

import fcntl
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import make_url

from homeostat.errors import MachineError
from triage.store.database import is_sqlite


def own(database_url: str) -> ExitStack:
    """Hold the file until the stack is closed or the process ends; a database server needs no owner.

    Raises:
        MachineError: when another process holds it.
    """
    held = ExitStack()
    file = make_url(database_url).database if is_sqlite(database_url) else None
    if not file:
        return held
    path = Path(f"{file}.owner")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mark = held.enter_context(path.open("w"))
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        raise MachineError(
            f"another triage works on {file}: stop it, or give several a PostgreSQL by TRIAGE_DATABASE_URL."
        ) from None
    except OSError as error:
        held.close()
        raise MachineError(f"{path} can't be written: {error.strerror}.") from None
    return held
