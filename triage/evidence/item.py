"""One item of evidence: numbered lines to cite, and the typed observations that code reasons on.

Line numbers are the source's own, from 1, also when lines between were left out. Each observation names the
line that says so; so a cause that rests on an observation can always cite it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from homeostat.config import Document


class EvidenceStatus(StrEnum):
    """How the gathering went. Missing is not healthy: only ``ok`` says anything about the system."""

    OK = "ok"
    #: the source answered and had nothing
    EMPTY = "empty"
    ERROR = "error"
    TIMEOUT = "timeout"
    #: triage has no right to read it
    FORBIDDEN = "forbidden"


class EvidenceKind(StrEnum):
    """What a line of the item can prove."""

    #: what the running system did: a symptom may be shown by it
    RUNTIME = "runtime"
    #: what people or pipelines changed: it can explain, but it can't show that something happened
    CHANGE = "change"


class Line(Document):
    """One line of the source, redacted."""

    number: int = Field(ge=1)
    text: str
    #: how many lines of the same shape were folded into this one
    similar: int = 0


class Observation(Document):
    """Something that a collector understood from one line."""

    name: str
    line: int
    at: datetime | None = None
    numbers: Mapping[str, float] = Field(default_factory=dict[str, float])
    texts: Mapping[str, str] = Field(default_factory=dict[str, str])


class Point(Document):
    """One sample of a plotted series."""

    at: datetime
    value: float


class EvidenceItem(Document):
    """What one source said, or why it said nothing."""

    id: str
    #: where it came from, so that a person can look there too
    source: str
    kind: EvidenceKind
    collected_at: datetime
    status: EvidenceStatus
    note: str = ""
    lines: tuple[Line, ...] = ()
    observations: tuple[Observation, ...] = ()
    #: the samples, when the item is a series worth a plot
    points: tuple[Point, ...] = ()

    def text_of(self, number: int) -> str | None:
        """The line with that number, or None when the item does not show it."""
        return next((line.text for line in self.lines if line.number == number), None)
