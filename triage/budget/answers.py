"""Answers by what was asked: the same evidence and the same rules are not paid for twice."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError

from triage.clock import Clock
from triage.store.database import reading
from triage.store.tables import answers


class Answers:
    """The answers kept in one database; they hold no evidence, only claims and their quotes."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def get(self, key: str) -> Any:
        """What was answered to that, or None."""
        query = select(answers.c.answer).where(answers.c.key == key)
        with reading(self._engine) as connection:
            return connection.scalar(query)

    def put(self, key: str, answer: Any) -> None:
        """Keep an answer, in place of a former one."""
        # of two processes that asked the same at once, one keeps its answer
        with suppress(IntegrityError), self._engine.begin() as connection:
            connection.execute(delete(answers).where(answers.c.key == key))
            connection.execute(insert(answers).values(key=key, answer=answer, given_at=self._clock()))
