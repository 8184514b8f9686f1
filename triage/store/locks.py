"""Locks that hold between processes until their transaction ends.

SQLite needs none: its one write lock is taken when a transaction begins.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

#: making tables and columns
SCHEMA = 7_301
#: opening incidents and counting how many were: an epoch may begin only once, whoever was told first
INTAKE = 7_302
#: setting money aside: two at once must not both get the last of it
LEDGER = 7_303
#: deciding about a training: two incidents at once must not both find the cooldown over
RETRAINING = 7_304


def lock(connection: Connection, what: int) -> None:
    """Wait until no other transaction holds ``what``, then hold it."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:what)"), {"what": what})
