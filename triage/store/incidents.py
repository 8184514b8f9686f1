"""Incidents, their evidence and their reports, read and written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, desc, insert, select

from triage.alert import Alert, AlertStatus
from triage.errors import UnknownIncident
from triage.evidence.item import EvidenceItem
from triage.incident import Incident
from triage.report.document import Report
from triage.report.similar import Traits
from triage.store import tables
from triage.store.database import reading
from triage.store.traits import keep_traits, past_traits


class IncidentStore:
    """The incidents of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, incident_id: str) -> Incident:
        """One incident with its alerts.

        Raises:
            UnknownIncident: when there is none.
        """
        with reading(self._engine) as connection:
            return read_incident(connection, incident_id)

    def latest(self, limit: int = 100) -> Sequence[Incident]:
        """The incidents that were opened last, newest first."""
        newest = select(tables.incidents.c.id).order_by(desc(tables.incidents.c.opened_at)).limit(limit)
        with reading(self._engine) as connection:
            ids: Sequence[str] = connection.scalars(newest).all()
            return [read_incident(connection, incident_id) for incident_id in ids]

    def latest_of_group(self, group_key: str) -> Incident | None:
        """The newest incident of a group, or None when it never had an alert."""
        with reading(self._engine) as connection:
            return latest_of_group(connection, group_key)

    def keep_evidence(self, incident_id: str, items: Iterable[EvidenceItem]) -> None:
        """Store what was gathered in place of what was there."""
        content = [item.model_dump(mode="json") for item in items]
        with self._engine.begin() as connection:
            connection.execute(delete(tables.evidence).where(tables.evidence.c.incident_id == incident_id))
            connection.execute(insert(tables.evidence).values(incident_id=incident_id, items=content))

    def evidence(self, incident_id: str) -> tuple[EvidenceItem, ...]:
        """What was gathered for the incident, or nothing yet."""
        query = select(tables.evidence.c["items"]).where(tables.evidence.c.incident_id == incident_id)
        with reading(self._engine) as connection:
            content: Sequence[Any] = connection.scalar(query) or ()
        return tuple(EvidenceItem.model_validate(item) for item in content)

    def keep_report(
        self,
        report: Report,
        markdown: str,
        plot: str | None,
        beside: Callable[[Connection], None] = lambda _: None,
    ) -> None:
        """Store the report in place of the former one, with what ``beside`` does in the same transaction."""
        with self._engine.begin() as connection:
            same = tables.reports.c.incident_id == report.incident_id
            connection.execute(delete(tables.reports).where(same))
            connection.execute(
                insert(tables.reports).values(
                    incident_id=report.incident_id,
                    report=report.model_dump(mode="json"),
                    markdown=markdown,
                    plot=plot,
                    written_at=report.written_at,
                )
            )
            keep_traits(connection, report)
            beside(connection)

    def past(self, new: Traits) -> Sequence[Traits]:
        """The latest other incidents that have something in common with ``new``."""
        return past_traits(self._engine, new)

    def report(self, incident_id: str) -> Report | None:
        """The incident's report, when it has one."""
        content = self._report_column(incident_id, "report")
        return Report.model_validate(content) if content else None

    def markdown(self, incident_id: str) -> str | None:
        """The report as it was rendered; of an incident that only a storm's digest lists, where that is."""
        return self._report_column(incident_id, "markdown") or self._listed(incident_id)

    def plot(self, incident_id: str) -> str | None:
        """The report's SVG plot, when there was something to plot."""
        return self._report_column(incident_id, "plot")

    def digest_of(self, incident_id: str) -> str | None:
        """The storm's digest that lists the incident, when one does."""
        members, storms = tables.storm_members, tables.storms
        query = (
            select(storms.c.digest_id)
            .join(members, members.c.storm_id == storms.c.id)
            .where(members.c.incident_id == incident_id)
        )
        with reading(self._engine) as connection:
            return connection.scalar(query)

    def _listed(self, incident_id: str) -> str | None:
        digest_id = self.digest_of(incident_id)
        if digest_id is None:
            return None
        where = f"`/incidents/{digest_id}` lists it"
        return f"# Part of a storm\n\nThis incident has no report of its own; {where}.\n"

    def _report_column(self, incident_id: str, column: str) -> Any:
        same = tables.reports.c.incident_id == incident_id
        with reading(self._engine) as connection:
            return connection.scalar(select(tables.reports.c[column]).where(same))


def read_incident(connection: Connection, incident_id: str) -> Incident:
    """One incident inside the caller's transaction.

    Raises:
        UnknownIncident: when there is none.
    """
    row = connection.execute(select(tables.incidents).where(tables.incidents.c.id == incident_id)).first()
    if row is None:
        raise UnknownIncident(f"there is no incident '{incident_id}'.")
    query = (
        select(tables.alerts).where(tables.alerts.c.incident_id == incident_id).order_by(tables.alerts.c.id)
    )
    alerts = tuple(_alert(found) for found in connection.execute(query))
    return Incident(row.id, row.group_key, row.epoch, alerts, row.truncated)


def read_incidents(connection: Connection, incident_ids: Sequence[str]) -> Mapping[str, Incident]:
    """Those of the incidents that there are, inside the caller's transaction."""
    rows = connection.execute(select(tables.incidents).where(tables.incidents.c.id.in_(incident_ids))).all()
    alerts: dict[str, list[Alert]] = {row.id: [] for row in rows}
    told = select(tables.alerts).where(tables.alerts.c.incident_id.in_(list(alerts)))
    for found in connection.execute(told.order_by(tables.alerts.c.id)):
        alerts[found.incident_id].append(_alert(found))
    return {
        row.id: Incident(row.id, row.group_key, row.epoch, tuple(alerts[row.id]), row.truncated)
        for row in rows
    }


def latest_of_group(connection: Connection, group_key: str) -> Incident | None:
    """The newest epoch of a group inside the caller's transaction, or None when it never had an alert."""
    query = (
        select(tables.incidents.c.id)
        .where(tables.incidents.c.group_key == group_key)
        .order_by(desc(tables.incidents.c.epoch))
        .limit(1)
    )
    incident_id: str | None = connection.scalar(query)
    return read_incident(connection, incident_id) if incident_id else None


def _alert(row: Any) -> Alert:
    ends_at: datetime | None = row.ends_at
    return Alert(
        row.fingerprint, AlertStatus(row.status), row.starts_at, ends_at, row.labels, row.annotations
    )
