"""Lines of an item that triage words itself, each with the observations that rest on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from triage.clock import stamp
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Line, Observation

#: a message of Kubernetes can hold a whole template
_MOST_CHARACTERS = 600


class Numbered:
    """Collects lines from number 1."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._observations: list[Observation] = []

    def add(self, text: str) -> None:
        """One more line; what spans lines becomes one."""
        flat = " ".join(text.split())
        cut = flat if len(flat) <= _MOST_CHARACTERS else f"{flat[:_MOST_CHARACTERS]} ..."
        self._lines.append(Line(number=len(self._lines) + 1, text=cut))

    def observe(
        self,
        name: str,
        at: datetime | None = None,
        numbers: Mapping[str, float] | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> None:
        """Something that the last line says."""
        self._observations.append(
            Observation(name=name, line=len(self._lines), at=at, numbers=numbers or {}, texts=texts or {})
        )

    def item(self, item_id: str, source: str, now: datetime, note: str = "") -> EvidenceItem:
        """The lines so far as an item."""
        return EvidenceItem(
            id=item_id,
            source=source,
            kind=EvidenceKind.RUNTIME,
            collected_at=now,
            status=EvidenceStatus.OK if self._lines else EvidenceStatus.EMPTY,
            note=note,
            lines=tuple(self._lines),
            observations=tuple(self._observations),
        )


def nothing(item_id: str, source: str, status: EvidenceStatus, note: str, now: datetime) -> EvidenceItem:
    """The item that stands for what could not be had."""
    return EvidenceItem(
        id=item_id,
        source=source,
        kind=EvidenceKind.RUNTIME,
        collected_at=now,
        status=status,
        note=note,
    )


def since(moment: datetime | None) -> str:
    """`` since <time>`` where the time is known."""
    return f" since {stamp(moment)}" if moment else ""


def saying(*parts: str) -> str:
    """What there is of reason and message, after a colon each."""
    return "".join(f": {part}" for part in parts if part)
