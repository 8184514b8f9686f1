"""What the alert itself says, as lines to cite: its sender measured or saw something, and told it once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from triage.alert import AlertStatus
from triage.clock import Clock, stamp
from triage.evidence.collector import Scope
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Line, Observation

ITEM = "alert"
#: they come last, and no analysis needs more of them
_MOST_LINES = 60
_MOST_CHARACTERS = 400


class AlertCollector:
    """The labels and annotations, one a line; an annotation of several lines keeps them."""

    name = "alert"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def collect(self, scope: Scope) -> Sequence[EvidenceItem]:
        """One item."""
        alert = scope.alert
        verb = "fires" if alert.status is AlertStatus.FIRING else "fired"
        pairs = chain(_pairs("label", alert.labels), _pairs("annotation", alert.annotations))
        said = [(name, text) for name, text in pairs if text.strip()]
        texts = [f"{alert.name} {verb} since {stamp(alert.starts_at)}", *(_shown(*pair) for pair in said)]
        kept = texts[:_MOST_LINES]
        observations = [Observation(name="alert", line=1, at=alert.starts_at, texts=dict(alert.labels))]
        observations += [
            Observation(
                name=f"alert.{name.split(' ')[-1]}", line=number, at=alert.starts_at, texts={"text": text}
            )
            for number, (name, text) in enumerate(said, start=2)
            if number <= len(kept)
        ]
        return [
            EvidenceItem(
                id=ITEM,
                source="the alert as it was sent",
                kind=EvidenceKind.RUNTIME,
                collected_at=self._clock(),
                status=EvidenceStatus.OK,
                lines=tuple(Line(number=at, text=text) for at, text in enumerate(kept, start=1)),
                observations=tuple(observations),
            )
        ]


def _pairs(what: str, texts: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    for name, text in sorted(texts.items()):
        for line in text.split("\n"):
            yield f"{what} {name}", line


def _shown(name: str, text: str) -> str:
    return f"{name}: {' '.join(text.split())}"[:_MOST_CHARACTERS]
