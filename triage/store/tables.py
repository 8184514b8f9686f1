"""The tables. Portable SQL only, so that the same store can grow from SQLite to PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect


class Moment(TypeDecorator[datetime]):
    """An aware time as fixed-width ISO text in UTC: it sorts as it should and keeps its microseconds."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Aware time to text."""
        del dialect
        return value.astimezone(UTC).isoformat(timespec="microseconds") if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Text to aware time."""
        del dialect
        return datetime.fromisoformat(value) if value else None


metadata = MetaData()

incidents = Table(
    "incidents",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("group_key", Text, nullable=False, index=True),
    Column("epoch", Integer, nullable=False),
    Column("truncated", Integer, nullable=False, default=0),
    Column("opened_at", Moment, nullable=False, index=True),
    UniqueConstraint("group_key", "epoch"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("incident_id", String(64), ForeignKey("incidents.id"), nullable=False, index=True),
    Column("fingerprint", String(128), nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("status", String(16), nullable=False),
    Column("ends_at", Moment),
    Column("labels", JSON, nullable=False),
    Column("annotations", JSON, nullable=False),
    Column("received_at", Moment, nullable=False),
    # the identity of an alert: a second delivery of it can't be stored twice
    UniqueConstraint("fingerprint", "starts_at", "status"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("incident_id", String(64), ForeignKey("incidents.id"), nullable=False, index=True),
    Column("state", String(16), nullable=False, index=True),
    Column("attempts", Integer, nullable=False, default=0),
    Column("run_after", Moment, nullable=False),
    Column("leased_until", Moment),
    Column("worker", String(128)),
    Column("last_error", Text),
    Column("created_at", Moment, nullable=False),
)

evidence = Table(
    "evidence",
    metadata,
    Column("incident_id", String(64), ForeignKey("incidents.id"), primary_key=True),
    Column("items", JSON, nullable=False),
)

reports = Table(
    "reports",
    metadata,
    Column("incident_id", String(64), ForeignKey("incidents.id"), primary_key=True),
    Column("report", JSON, nullable=False),
    Column("markdown", Text, nullable=False),
    Column("plot", Text),
    Column("written_at", Moment, nullable=False),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("received_at", Moment, nullable=False),
)
