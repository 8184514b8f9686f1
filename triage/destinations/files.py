"""Report files: ``<folder>/<incident-id>.md`` with its plot and its page beside it."""

from __future__ import annotations

from pathlib import Path

from homeostat import atomic
from homeostat.digest import of_parts
from homeostat.redaction import redact
from triage.destinations.destination import DeliveryFailed, Doubt, Outcome, Receipt
from triage.destinations.message import Message
from triage.destinations.routing import Place
from triage.report.markdown import to_markdown
from triage.report.page import to_html
from triage.report.plot import latency_plot


class FileDestination:
    """Writing again replaces, so a retry leaves one report and no doubt matters."""

    name = Place.FILE.value

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def revision(self, message: Message) -> str:
        """A digest of the files."""
        return of_parts(_files(message).items())

    def deliver(self, message: Message, known: str | None, doubt: Doubt | None) -> Receipt:
        """Write the files, the report last: where it lies, all lies.

        Raises:
            DeliveryFailed: when the folder can't be written, or the disk is full.
        """
        del doubt
        files = _files(message)
        try:
            for name, content in files.items():
                atomic.write_text(self._folder / name, content)
        except OSError as error:
            sentence = f"{self._folder} can't be written: {error.strerror or error}."
            raise DeliveryFailed(Outcome.STORAGE, sentence) from None
        written = f"{message.incident_id}.md"
        return Receipt(written, Outcome.EDITED if known else Outcome.SENT)


def _files(message: Message) -> dict[str, str]:
    """Name and content, in the order of writing."""
    report, name = message.report, message.incident_id
    plot = latency_plot(report)
    files = {f"{name}.svg": redact(plot)} if plot is not None else {}
    return {
        **files,
        f"{name}.html": to_html(report, message.evidence),
        f"{name}.md": to_markdown(report, f"{name}.svg" if plot is not None else None),
    }
