"""The tables. Portable SQL only, so that the same store can grow from SQLite to PostgreSQL.

A column added later needs a server's default or to be nullable: an older database gets it when it is opened.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
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


class Words(TypeDecorator[str]):
    """Text from strangers: PostgreSQL stores no NUL, so the character that stands for it takes its place."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Without what can't be stored."""
        del dialect
        return value.replace("\x00", "\N{REPLACEMENT CHARACTER}") if value else value


metadata = MetaData()

incidents = Table(
    "incidents",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("group_key", Words, nullable=False, index=True),
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
    Column("fingerprint", Words, nullable=False),
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
    Column("last_error", Words),
    Column("created_at", Moment, nullable=False),
    #: by severity, 0 first
    Column("priority", Integer, nullable=False, server_default=text("3")),
    #: how often the lease was renewed
    Column("beat", Integer, nullable=False, server_default=text("0")),
    #: when it was done, or given up
    Column("finished_at", Moment),
    Index("jobs_due", "state", "priority", "run_after"),
    # of ten thousand held jobs, those of one incident
    Index("jobs_of_incident", "incident_id", "state"),
    # whatever two processes do at once, nobody works on an incident that another one works on
    Index(
        "jobs_one_lease",
        "incident_id",
        unique=True,
        sqlite_where=text("state = 'leased'"),
        postgresql_where=text("state = 'leased'"),
    ),
)

storms = Table(
    "storms",
    metadata,
    Column("id", Integer, primary_key=True),
    #: the incident that lists what was not triaged in full
    Column("digest_id", String(64), ForeignKey("incidents.id"), nullable=False, index=True),
    Column("began_at", Moment, nullable=False),
    Column("ended_at", Moment),
)

storm_members = Table(
    "storm_members",
    metadata,
    Column("incident_id", String(64), ForeignKey("incidents.id"), primary_key=True),
    Column("storm_id", Integer, ForeignKey("storms.id"), nullable=False),
    Column("alertname", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("priority", Integer, nullable=False),
    #: whether it is triaged at once, like one without a storm
    Column("in_full", Boolean, nullable=False),
    Column("joined_at", Moment, nullable=False),
    Index("storm_members_rank", "storm_id", "in_full", "priority"),
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
    Column("markdown", Words, nullable=False),
    Column("plot", Words),
    Column("written_at", Moment, nullable=False),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("received_at", Moment, nullable=False),
)

# the outbox: what each destination has to show of each incident, and what it shows
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("incident_id", String(64), ForeignKey("incidents.id"), nullable=False, index=True),
    Column("destination", String(32), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    #: digests of what is to be shown, and of what is
    Column("wanted", String(64), nullable=False),
    Column("sent", String(64)),
    #: by what the destination knows the post
    Column("external_id", Words),
    #: since when a post may be there that we have no id of
    Column("doubtful_since", Moment),
    Column("attempts", Integer, nullable=False, default=0),
    Column("run_after", Moment, nullable=False),
    Column("leased_until", Moment),
    Column("worker", String(128)),
    Column("outcome", String(32)),
    Column("last_error", Words),
    Column("created_at", Moment, nullable=False),
    #: since when what is wanted is not shown
    Column("waiting_since", Moment),
    UniqueConstraint("incident_id", "destination"),
)

# what was decided about training models again, before anybody was asked
retrainings = Table(
    "retrainings",
    metadata,
    Column("id", Integer, primary_key=True),
    # no foreign key: a model's cooldown goes on also when the incident is forgotten
    Column("incident_id", String(64), nullable=False, unique=True),
    Column("model", Words, nullable=False, index=True),
    Column("version", Words, nullable=False),
    Column("urgency", String(8), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    # why not, or where it was asked for
    Column("reason", Words, nullable=False),
    Column("decided_at", Moment, nullable=False),
    Column("run_after", Moment, nullable=False),
    Column("leased_until", Moment),
    # since when it may have been asked for without our knowing
    Column("doubtful_since", Moment),
    Column("asked_at", Moment),
    Column("attempts", Integer, nullable=False, default=0),
)

# of each report what it is found and compared by, so that nobody has to read whole reports for it
traits = Table(
    "traits",
    metadata,
    Column("incident_id", String(64), ForeignKey("incidents.id"), primary_key=True),
    Column("alertname", Words, nullable=False, index=True),
    Column("subject", Words, nullable=False, index=True),
    Column("severity", Words, nullable=False),
    Column("cause_kind", Words, nullable=False, index=True),
    Column("cause_title", Words, nullable=False),
    Column("confidence", Float),
    Column("templates", JSON, nullable=False),
    Column("started_at", Moment, nullable=False, index=True),
)

# what people said of reports; nothing is overwritten, the last word counts
feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("incident_id", String(64), ForeignKey("incidents.id"), nullable=False, index=True),
    Column("verdict", String(16), nullable=False),
    # the kind of the cause that it was, where somebody said so
    Column("cause", Words),
    # the kind of cause that the report had first when it was judged
    Column("reported", Words),
    Column("note", Words, nullable=False),
    Column("given_at", Moment, nullable=False),
)

# what was set aside for language models, and what their calls then cost
spending = Table(
    "spending",
    metadata,
    Column("id", Integer, primary_key=True),
    # no foreign key: what was spent on an incident counts for the day also when the incident is forgotten
    Column("incident_id", String(64), nullable=False, index=True),
    Column("at", Moment, nullable=False, index=True),
    Column("calls", Integer, nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("money", Float, nullable=False),
)

# language models' answers, by a digest of what they were asked
answers = Table(
    "answers",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("answer", JSON, nullable=False),
    Column("given_at", Moment, nullable=False, index=True),
)
