"""The log lines around an alert: all of its own service, and what the neighbours complained about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from triage.clock import Clock, stamp
from triage.evidence.collector import Scope
from triage.evidence.folding import Entry
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus
from triage.evidence.log_item import log_item, within
from triage.evidence.log_record import LogRecord, understand
from triage.evidence.tail import tail

_MOST_BYTES = 2 << 20
_NEIGHBOUR_BYTES = 256 << 10
_OWN_LINES = 60
_NEIGHBOUR_LINES = 8
_NEIGHBOURS = 12


class LogCollector:
    """Reads ``<folder>/<service>.log``; never its own service's, which would feed reports to reports."""

    name = "logs"

    def __init__(self, folder: Path, lookback: timedelta, clock: Clock, own_service: str = "triage") -> None:
        self._folder = folder
        self._lookback = lookback
        self._clock = clock
        self._own_service = own_service

    def collect(self, scope: Scope) -> Sequence[EvidenceItem]:
        """One item for the alert's service, one for each neighbour that warned within the window."""
        items: list[EvidenceItem] = []
        if scope.service:
            items.append(self._item(scope, scope.service, _MOST_BYTES, _OWN_LINES, _anything))
        for service in self._neighbours(scope):
            item = self._item(scope, service, _NEIGHBOUR_BYTES, _NEIGHBOUR_LINES, _notable)
            if item.status is not EvidenceStatus.EMPTY:
                items.append(item)
        return items

    def _neighbours(self, scope: Scope) -> Sequence[str]:
        names = sorted(path.stem for path in self._folder.glob("*.log"))
        return [name for name in names if name not in {scope.service, self._own_service}][:_NEIGHBOURS]

    def _item(
        self,
        scope: Scope,
        service: str,
        most_bytes: int,
        most_lines: int,
        wanted: Callable[[LogRecord], bool],
    ) -> EvidenceItem:
        path = self._folder / f"{service}.log"
        try:
            entries = within(_entries(path, most_bytes), scope.starts_at - self._lookback, scope.until)
        except FileNotFoundError:
            return self._said_nothing(service, EvidenceStatus.EMPTY, f"there is no {path.name}")
        except OSError as error:
            return self._said_nothing(service, EvidenceStatus.ERROR, f"{path.name}: {error.strerror}")
        kept = [entry for entry in entries if wanted(entry.record)]
        if not kept:
            since = stamp(scope.starts_at - self._lookback)
            return self._said_nothing(service, EvidenceStatus.EMPTY, f"nothing to show since {since}")
        return log_item(f"log.{service}", path.name, kept, most_lines, self._clock())

    def _said_nothing(self, service: str, status: EvidenceStatus, note: str) -> EvidenceItem:
        return EvidenceItem(
            id=f"log.{service}",
            source=f"{service}.log",
            kind=EvidenceKind.RUNTIME,
            collected_at=self._clock(),
            status=status,
            note=note,
        )


def _anything(_record: LogRecord) -> bool:
    return True


def _notable(record: LogRecord) -> bool:
    return record.is_notable


def _entries(path: Path, most_bytes: int) -> Sequence[Entry]:
    entries: list[Entry] = []
    at: datetime | None = None
    for line in tail(path, most_bytes):
        if line.raw.strip():
            record = understand(line.raw)
            at = record.at or at
            entries.append(Entry(line, record, at))
    return entries
