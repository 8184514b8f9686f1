"""What people said of reports: each word is kept, the last one on an incident counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, func, insert, select

from triage.clock import Clock
from triage.report.feedback import Feedback, GivenFeedback, Verdict
from triage.store import tables
from triage.store.database import reading
from triage.store.incidents import read_incident

_table = tables.feedback


class FeedbackStore:
    """The feedback of one database."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def give(self, incident_id: str, feedback: Feedback) -> GivenFeedback:
        """Keep one word on an incident; the same word again straight after changes nothing.

        Raises:
            UnknownIncident: when there is none of that id.
        """
        with self._engine.begin() as connection:
            read_incident(connection, incident_id)
            same = tables.traits.c.incident_id == incident_id
            given = GivenFeedback(
                **feedback.model_dump(),
                incident_id=incident_id,
                reported=connection.scalar(select(tables.traits.c.cause_kind).where(same)) or None,
                given_at=self._clock(),
            )
            mine = _table.c.incident_id == incident_id
            last = connection.execute(
                select(_table).where(mine).order_by(_table.c.id.desc()).limit(1)
            ).first()
            if last is not None and _said(_given(last)) == _said(given):
                return _given(last)
            connection.execute(insert(_table).values(**given.model_dump(mode="python")))
        return given

    def of(self, incident_id: str) -> Sequence[GivenFeedback]:
        """Everything that was said of one incident, the first word first."""
        query = select(_table).where(_table.c.incident_id == incident_id).order_by(_table.c.id)
        with reading(self._engine) as connection:
            return [_given(row) for row in connection.execute(query)]

    def latest(self, incident_ids: Sequence[str]) -> Mapping[str, GivenFeedback]:
        """The last word on each of these incidents that somebody spoke of."""
        query = select(_table).where(_table.c.id.in_(_last_words()), _table.c.incident_id.in_(incident_ids))
        with reading(self._engine) as connection:
            return {row.incident_id: _given(row) for row in connection.execute(query)}

    def everything(self) -> Sequence[GivenFeedback]:
        """Every word, the first first: what the evaluation reads."""
        with reading(self._engine) as connection:
            return [_given(row) for row in connection.execute(select(_table).order_by(_table.c.id))]

    def counts(self) -> Mapping[Verdict, int]:
        """How many incidents' last word is which."""
        query = select(_table.c.verdict).where(_table.c.id.in_(_last_words()))
        with reading(self._engine) as connection:
            found = Counter(connection.scalars(query).all())
        return {verdict: found[verdict.value] for verdict in Verdict}


def _last_words() -> Any:
    return select(func.max(_table.c.id)).group_by(_table.c.incident_id)


def _said(one: GivenFeedback) -> object:
    return one.verdict, one.cause, one.note, one.reported


def _given(row: Any) -> GivenFeedback:
    return GivenFeedback(
        verdict=Verdict(row.verdict),
        cause=row.cause,
        note=row.note,
        incident_id=row.incident_id,
        reported=row.reported,
        given_at=row.given_at,
    )
