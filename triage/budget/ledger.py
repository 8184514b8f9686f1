"""The ledger: what may be spent is written down before a call, what it cost after it.

A call that never comes back, since its process died, stays in the books with all that it might have cost. So
the limits hold over crashes, and over several processes on one database.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, Engine, func, insert, select, update

from triage.budget.limits import DAY, HOUR, Limits, Spent, over
from triage.clock import Clock
from triage.errors import AnalystUnavailable
from triage.store.database import reading
from triage.store.locks import LEDGER, lock
from triage.store.tables import spending


class Ledger:
    """The books of one database."""

    def __init__(self, engine: Engine, clock: Clock, limits: Limits) -> None:
        self._engine = engine
        self._clock = clock
        self._limits = limits

    def reserve(self, incident_id: str, estimate: Spent) -> int:
        """Set the most aside that one call can cost; the number is for :meth:`settle`.

        Raises:
            AnalystUnavailable: when that would exceed a budget; nothing is then set aside.
            sqlalchemy.exc.SQLAlchemyError: when the books can't be read or written.
        """
        with self._engine.begin() as connection:
            lock(connection, LEDGER)
            periods = (
                ("incident", self._on(connection, incident_id), self._limits.incident),
                ("hour", self._within(connection, HOUR), self._limits.hour),
                ("day", self._within(connection, DAY), self._limits.day),
            )
            for period, spent, limit in periods:
                if told := over(spent + estimate, limit, period):
                    raise AnalystUnavailable(f"{told}; the report stands without the language model.")
            values = {"incident_id": incident_id, "at": self._clock(), **_columns(estimate)}
            key = connection.execute(insert(spending).values(values)).inserted_primary_key
            assert key is not None  # noqa: S101 - a single insert always has one
            return int(key[0])

    def settle(self, entry: int, actual: Spent) -> None:
        """Write what a call really cost in place of what was set aside for it.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: when the books can't be written; the estimate then stays.
        """
        with self._engine.begin() as connection:
            connection.execute(update(spending).where(spending.c.id == entry).values(_columns(actual)))

    def spent(self, period: timedelta) -> Spent:
        """What was spent or set aside within the last ``period``."""
        with reading(self._engine) as connection:
            return self._within(connection, period)

    def _within(self, connection: Connection, period: timedelta) -> Spent:
        return _sum(connection, spending.c.at > self._clock() - period)

    @staticmethod
    def _on(connection: Connection, incident_id: str) -> Spent:
        return _sum(connection, spending.c.incident_id == incident_id)


def _sum(connection: Connection, which: ColumnElement[bool]) -> Spent:
    columns = (func.sum(spending.c[name]) for name in ("calls", "tokens", "money"))
    calls, tokens, money = tuple(connection.execute(select(*columns).where(which)).one())
    return Spent(int(calls or 0), int(tokens or 0), float(money or 0.0))


def _columns(spent: Spent) -> dict[str, object]:
    return {"calls": spent.calls, "tokens": spent.tokens, "money": spent.money}
