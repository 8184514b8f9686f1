"""The traits of reports, kept beside them, so that resemblance costs no reading of whole reports."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, delete, insert, or_, select

from triage.report.document import Report
from triage.report.similar import Traits, traits_of
from triage.store import tables
from triage.store.database import reading

_table = tables.traits
#: the latest that have something in common; older ones would not be shown
_MOST = 300


def keep_traits(connection: Connection, report: Report) -> None:
    """Store a report's traits inside the caller's transaction, in place of its former ones."""
    traits = traits_of(report)
    connection.execute(delete(_table).where(_table.c.incident_id == traits.incident_id))
    connection.execute(
        insert(_table).values(
            incident_id=traits.incident_id,
            alertname=traits.alertname,
            subject=traits.subject,
            severity=report.severity,
            cause_kind=traits.cause_kind,
            cause_title=traits.cause_title,
            confidence=report.causes[0].confidence if report.causes else None,
            templates=sorted(traits.templates),
            started_at=traits.started_at,
        )
    )


def past_traits(engine: Engine, new: Traits) -> Sequence[Traits]:
    """The latest other incidents with the same alert, subject or kind of cause."""
    alike = [_table.c.alertname == new.alertname]
    if new.subject:
        alike.append(_table.c.subject == new.subject)
    if new.cause_kind:
        alike.append(_table.c.cause_kind == new.cause_kind)
    query = (
        select(_table)
        .where(or_(*alike), _table.c.incident_id != new.incident_id)
        .order_by(_table.c.started_at.desc())
        .limit(_MOST)
    )
    with reading(engine) as connection:
        return [
            Traits(
                incident_id=row.incident_id,
                alertname=row.alertname,
                subject=row.subject,
                cause_kind=row.cause_kind,
                cause_title=row.cause_title,
                templates=frozenset(row.templates),
                started_at=row.started_at,
            )
            for row in connection.execute(query)
        ]
