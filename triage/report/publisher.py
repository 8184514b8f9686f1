"""Puts the report where people look: the database, and a file with its plot beside it."""

from __future__ import annotations

from pathlib import Path

from homeostat import atomic
from homeostat.redaction import redact
from triage.report.document import Report
from triage.report.markdown import to_markdown
from triage.report.plot import latency_plot
from triage.store.incidents import IncidentStore


class Publisher:
    """Writes ``<folder>/<incident-id>.md``; writing again replaces, so a retry leaves one report."""

    def __init__(self, store: IncidentStore, folder: Path) -> None:
        self._store = store
        self._folder = folder

    def publish(self, report: Report) -> Path:
        """Write the files first, then the database: a crash between the two writes the files again.

        Raises:
            OSError: when the folder can't be written.
        """
        plot = latency_plot(report)
        if plot is not None:
            plot = redact(plot)
            atomic.write_text(self._folder / f"{report.incident_id}.svg", plot)
        markdown = to_markdown(report, f"{report.incident_id}.svg" if plot else None)
        path = self._folder / f"{report.incident_id}.md"
        atomic.write_text(path, markdown)
        self._store.keep_report(report, markdown, plot)
        return path
