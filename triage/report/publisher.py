"""Puts a finished report into the database, and in the same transaction what destinations are to show."""

from __future__ import annotations

from homeostat.redaction import redact
from triage.destinations.desk import Desk
from triage.report.document import Report
from triage.report.markdown import to_markdown
from triage.report.plot import latency_plot
from triage.store.incidents import IncidentStore


class Publisher:
    """Publishing again replaces; what destinations show already they are not asked to show again."""

    def __init__(self, store: IncidentStore, desk: Desk) -> None:
        self._store = store
        self._desk = desk

    def publish(self, report: Report) -> None:
        """Commit the report, then wake the couriers.

        Raises:
            UnknownIncident: when there is no such incident.
            sqlalchemy.exc.SQLAlchemyError: when nothing could be committed; nothing is then to be shown.
        """
        plot = latency_plot(report)
        markdown = to_markdown(report, f"{report.incident_id}.svg" if plot else None)
        order = self._desk.order(report)
        self._store.keep_report(report, markdown, redact(plot) if plot is not None else None, order.place)
        order.placed()
