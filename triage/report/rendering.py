"""A report in the forms that people read, made from its data alone; so it can be made again at any time."""

from __future__ import annotations

from dataclasses import dataclass

from homeostat.redaction import redact
from triage.report.document import Report
from triage.report.markdown import to_markdown
from triage.report.plot import latency_plot


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is stored, served and written to files; redacted."""

    markdown: str
    #: SVG, when there is something to plot
    plot: str | None = None
    #: the self-contained HTML page
    page: str | None = None


def render(report: Report) -> Rendered:
    """Every form of the report."""
    plot = latency_plot(report)
    markdown = to_markdown(report, f"{report.incident_id}.svg" if plot else None)
    return Rendered(markdown, redact(plot) if plot is not None else None)
