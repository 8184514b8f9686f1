"""Group commit: calls that come together share one transaction, and one sync to disk.

A sync takes milliseconds whether it carries one alert or a hundred. One thread owns the write transaction;
while it syncs, the next calls gather, and go together. Each caller gets its own result, and only after the
commit. A failed commit fails all of its members; a member whose own statements fail takes no other with it.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from triage.errors import StoreOverloaded
from triage.store.failures import affects_everybody
from triage.store.locks import INTAKE, lock

Result = TypeVar("Result")

#: in one transaction: its members wait for each other
_MOST_TOGETHER = 128
#: calls that wait; beyond, the sender is told at once to come back
_MOST_WAITING = 4_096


@dataclass(frozen=True, slots=True)
class _Member:
    work: Callable[[Connection], Any]
    receipt: Future[Any] = field(default_factory=Future[Any])


class _Poisoned(Exception):  # noqa: N818 - it tells which way to go on and is never seen
    """A member's own statements failed."""


class Writer:
    """Runs ``work(connection)`` of many callers in few transactions; safe to call from any thread."""

    def __init__(self, engine: Engine, most_waiting: int = _MOST_WAITING) -> None:
        self._engine = engine
        self._waiting: queue.Queue[_Member | None] = queue.Queue(most_waiting)
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, work: Callable[[Connection], Result]) -> Future[Result]:
        """A receipt that is done when ``work`` is committed, or failed for good.

        ``work`` only changes the database, since it may be run again after a fault of another member.

        Raises:
            StoreOverloaded: when too many wait already, or this is the end of the process.
        """
        member = _Member(work)
        with self._guard:
            if self._closed:
                raise StoreOverloaded("triage is stopping; send it again.")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="triage-writer", daemon=True)
                self._thread.start()
            try:
                self._waiting.put_nowait(member)
            except queue.Full:
                raise StoreOverloaded("too many calls wait to be stored; send it again.") from None
        return member.receipt

    def close(self, timeout_seconds: float = 5.0) -> None:
        """Commit what waits, then take no more."""
        with self._guard:
            self._closed = True
            thread = self._thread
        if thread is not None and thread.is_alive():
            self._waiting.put(None)
            thread.join(timeout_seconds)

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            members, last = self._gathered(first)
            self._take(members)
            if last:
                return

    def _gathered(self, first: _Member) -> tuple[Sequence[_Member], bool]:
        """All who wait by now, and whether nobody comes after them."""
        members = [first]
        while len(members) < _MOST_TOGETHER:
            try:
                member = self._waiting.get_nowait()
            except queue.Empty:
                break
            if member is None:
                return members, True
            members.append(member)
        return members, False

    def _take(self, members: Sequence[_Member]) -> None:
        # a caller that hung up while it waited is not stored, since nobody would hear that it was
        if alive := [member for member in members if member.receipt.set_running_or_notify_cancel()]:
            self._commit(alive)

    def _commit(self, members: Sequence[_Member]) -> None:
        try:
            results = self._together(members)
        except _Poisoned as poisoned:
            if len(members) == 1:
                _fail(members, poisoned.__cause__ or poisoned)
            else:
                for member in members:
                    self._commit([member])
        except BaseException as error:  # noqa: BLE001 - whatever it was, nobody may wait for ever
            _fail(members, error)
        else:
            for member, result in zip(members, results, strict=True):
                member.receipt.set_result(result)

    def _together(self, members: Sequence[_Member]) -> Sequence[Any]:
        with self._engine.begin() as connection:
            lock(connection, INTAKE)
            return [_done(member, connection) for member in members]


def _fail(members: Sequence[_Member], error: BaseException) -> None:
    for member in members:
        member.receipt.set_exception(error)


def _done(member: _Member, connection: Connection) -> Any:
    try:
        return member.work(connection)
    except Exception as error:
        if affects_everybody(error):
            raise
        raise _Poisoned from error
