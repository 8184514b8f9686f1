"""A log as an item of evidence, wherever it was read from: folded lines, and what code understood of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from triage.evidence.folding import Entry, folded
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus
from triage.evidence.log_observations import observe


def within(entries: Sequence[Entry], since: datetime, until: datetime) -> Sequence[Entry]:
    """What was said in the window; a log that names no times at all is taken whole."""
    return [entry for entry in entries if entry.at is None or since <= entry.at <= until]


def log_item(
    item_id: str, source: str, entries: Sequence[Entry], most_lines: int, now: datetime
) -> EvidenceItem:
    """The item of a log that said something."""
    lines = folded(entries, most_lines)
    return EvidenceItem(
        id=item_id,
        source=source,
        kind=EvidenceKind.RUNTIME,
        collected_at=now,
        status=EvidenceStatus.OK,
        note=f"{len(lines)} of {len(entries)} lines in the window",
        lines=tuple(lines),
        observations=tuple(observe(entries, {line.number for line in lines})),
    )
