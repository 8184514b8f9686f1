"""The dead-man's switch: when the watcher was last heard, so that its silence can be seen."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, delete, insert, select

from triage.clock import Clock
from triage.store.database import reading
from triage.store.tables import heartbeats

_WATCHDOG = "watchdog"


class Heartbeats:
    """When the alerting chain last proved that it is alive."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def record(self) -> None:
        """Note that the chain was heard now."""
        with self._engine.begin() as connection:
            connection.execute(delete(heartbeats).where(heartbeats.c.source == _WATCHDOG))
            connection.execute(insert(heartbeats).values(source=_WATCHDOG, received_at=self._clock()))

    def last(self) -> datetime | None:
        """When it was last heard, if ever."""
        query = select(heartbeats.c.received_at).where(heartbeats.c.source == _WATCHDOG)
        with reading(self._engine) as connection:
            return connection.scalar(query)
