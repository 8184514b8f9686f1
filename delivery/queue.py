"""The durable queue of pushed commits: what was accepted is never lost, and nothing runs twice at once.

SQLite in WAL mode is the store; every method is one transaction, so a process that dies leaves the queue as
it was before or after the method. A run that was being worked on when its runner died is claimed first when
the next runner asks, without another push.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from delivery.errors import NoSuchRun

_SCHEMA = (Path(__file__).parent / "queue.sql").read_text(encoding="utf-8")
#: a run that takes its runner down this often is given up, so that the others behind it get their turn
MOST_ATTEMPTS = 5


class RunState(StrEnum):
    """Where a commit is on its way."""

    #: accepted and durable, not yet begun
    QUEUED = "queued"
    #: a runner works on it, or died while it did
    RUNNING = "running"
    #: every stage passed or had nothing to do
    SUCCEEDED = "succeeded"
    #: a check or a gate said no; what served before still serves
    REFUSED = "refused"
    #: something broke; what served before still serves
    FAILED = "failed"
    #: only releases changed, so there was nothing to run
    RELEASES_ONLY = "releases-only"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to the run by itself."""
        return self not in (RunState.QUEUED, RunState.RUNNING)


@dataclass(frozen=True, slots=True)
class Run:
    """One pushed commit."""

    number: int
    commit: str
    #: the tip of the branch before the push; None for the first push
    previous: str | None
    state: RunState
    #: why it ended as it did, in one sentence
    sentence: str
    attempts: int
    queued_at: datetime
    ended_at: datetime | None

    @property
    def name(self) -> str:
        """The run's folder and the name in trailers: in order, and telling which commit."""
        return f"{self.number:06d}-{self.commit[:12]}"


class Queue:
    """The queue in the SQLite file at ``path``, made when missing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._transaction() as database:
            database.execute(_SCHEMA)

    def add(self, commit: str, previous: str | None, state: RunState = RunState.QUEUED) -> Run:
        """Accept a commit; one that is already known stays as it is."""
        with self._transaction() as database:
            database.execute(
                "INSERT OR IGNORE INTO runs (commit_id, previous, state, queued_at, ended_at)"
                " VALUES (?, ?, ?, ?, ?)",
                (commit, previous, state, _now(), _now() if state.ended else None),
            )
            return _one(database, "WHERE commit_id = ?", commit)

    def claim(self) -> Run | None:
        """Take the run that a dead runner left behind, else the oldest that waits; None when all is done."""
        with self._transaction() as database:
            row = database.execute(
                "SELECT number FROM runs WHERE state IN ('running', 'queued')"
                " ORDER BY state = 'running' DESC, number LIMIT 1"
            ).fetchone()
            if row is None:
                return None
            database.execute(
                "UPDATE runs SET state = 'running', attempts = attempts + 1 WHERE number = ?", (row[0],)
            )
            return _one(database, "WHERE number = ?", row[0])

    def finish(self, number: int, state: RunState, sentence: str) -> None:
        """Say how a run ended."""
        with self._transaction() as database:
            database.execute(
                "UPDATE runs SET state = ?, sentence = ?, ended_at = ? WHERE number = ?",
                (state, sentence, _now(), number),
            )

    def retry(self, commit: str, prepare: Callable[[Run], None]) -> Run:
        """Queue a run again that was refused or failed, once ``prepare`` has made its folder ready.

        Raises:
            NoSuchRun: when no run that ended without success has that commit.
        """
        with self._transaction() as database:
            run = _some(database, "WHERE commit_id GLOB ? || '*' AND state IN ('refused', 'failed')", commit)
            if run is None:
                raise NoSuchRun(f"no refused or failed run has the commit '{commit}'; see 'delivery status'.")
            prepare(run)
            database.execute(
                "UPDATE runs SET state = 'queued', sentence = '', attempts = 0, ended_at = NULL"
                " WHERE number = ?",
                (run.number,),
            )
            return _one(database, "WHERE number = ?", run.number)

    def get(self, number: int) -> Run:
        """One run by its number."""
        with self._transaction() as database:
            return _one(database, "WHERE number = ?", number)

    def knows(self, commit: str) -> bool:
        """Whether the commit was ever accepted."""
        with self._transaction() as database:
            return _some(database, "WHERE commit_id = ?", commit) is not None

    def latest(self) -> Run | None:
        """The run that was accepted last."""
        with self._transaction() as database:
            return _some(database, "ORDER BY number DESC LIMIT 1")

    def last_succeeded(self) -> Run | None:
        """The newest run whose stages all passed: what checks compare against."""
        with self._transaction() as database:
            return _some(database, "WHERE state = 'succeeded' ORDER BY number DESC LIMIT 1")

    def recent(self, most: int = 20) -> tuple[Run, ...]:
        """The newest runs, newest first."""
        with self._transaction() as database:
            return tuple(
                _run(row) for row in database.execute(f"{_SELECT} ORDER BY number DESC LIMIT ?", (most,))
            )

    def ahead_of(self, number: int) -> int:
        """How many runs must end before this one begins."""
        with self._transaction() as database:
            row = database.execute(
                "SELECT count(*) FROM runs WHERE number < ? AND state IN ('queued', 'running')", (number,)
            ).fetchone()
            return int(row[0])

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.rollback()
                raise
            database.commit()


_SELECT = "SELECT number, commit_id, previous, state, sentence, attempts, queued_at, ended_at FROM runs"


def _one(database: sqlite3.Connection, where: str, *values: object) -> Run:
    found = _some(database, where, *values)
    if found is None:
        raise NoSuchRun(f"no run has the number or commit '{values[0]}'.")
    return found


def _some(database: sqlite3.Connection, where: str, *values: object) -> Run | None:
    row = database.execute(f"{_SELECT} {where}", values).fetchone()
    return _run(row) if row else None


def _run(row: tuple[int, str, str | None, str, str, int, str, str | None]) -> Run:
    number, commit, previous, state, sentence, attempts, queued_at, ended_at = row
    ended = datetime.fromisoformat(ended_at) if ended_at else None
    return Run(
        number,
        commit,
        previous,
        RunState(state),
        sentence,
        attempts,
        datetime.fromisoformat(queued_at),
        ended,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat()
