"""Dead letters for the command line: what was given up, and giving it another chance."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from homeostat.errors import HomeostatError
from homeostat.paths import repository_root, state_directory
from triage.clock import utc_now
from triage.queue.jobs import JobQueue, QueuePolicy
from triage.store.database import open_database


def dead_letters(database: str | None) -> Sequence[Mapping[str, Any]]:
    """The jobs that were given up, the latest first.

    Raises:
        HomeostatError: when the database can't be read.
    """
    with _queue(database) as queue:
        return [
            {
                "id": letter.id,
                "incident": letter.incident_id,
                "attempts": letter.attempts,
                "died_at": letter.died_at.isoformat() if letter.died_at else None,
                "reason": letter.reason,
            }
            for letter in queue.dead()
        ]


def requeue(database: str | None, ids: Sequence[int] | None) -> int:
    """Give these dead jobs, or every one, all their attempts again; how many that were.

    Raises:
        HomeostatError: when one of them is not dead, or the database can't be changed.
    """
    with _queue(database) as queue:
        if ids is not None and (unknown := set(ids) - {letter.id for letter in queue.dead()}):
            raise HomeostatError(f"no dead job has the id {min(unknown)}; see 'homeostat triage dead'.")
        return queue.requeue(ids)


@contextmanager
def _queue(database: str | None) -> Generator[JobQueue]:
    engine = open_database(database or os.environ.get("TRIAGE_DATABASE_URL") or _of_this_site())
    try:
        yield JobQueue(engine, utc_now, QueuePolicy(), "command line")
    finally:
        engine.dispose()


def _of_this_site() -> str:
    file = state_directory(repository_root()) / "services" / "triage" / "triage.db"
    if not file.is_file():
        raise HomeostatError(f"there is no {file}: start the platform with 'make up', or give --database.")
    return f"sqlite:///{file}"
