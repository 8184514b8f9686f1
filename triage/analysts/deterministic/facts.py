"""The observations of a case, easy to ask for; each can be cited."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime

from triage.analysts.analysis import Citation
from triage.analysts.analyst import Case
from triage.evidence.container_log import is_container_log
from triage.evidence.item import EvidenceItem, EvidenceStatus, Observation


@dataclass(frozen=True, slots=True)
class Fact:
    """One observation and the item that holds it."""

    item: EvidenceItem
    observation: Observation

    @property
    def at(self) -> datetime | None:
        """When it was observed to happen."""
        return self.observation.at

    def number(self, name: str) -> float | None:
        """One of its numbers, or None."""
        return self.observation.numbers.get(name)

    def amount(self, name: str) -> float:
        """One of its numbers, zero when it has none of that name."""
        return self.observation.numbers.get(name, 0.0)

    def text(self, name: str) -> str:
        """One of its texts, or the empty string."""
        return self.observation.texts.get(name, "")

    def moment(self, name: str) -> datetime:
        """One of its numbers that is a time in seconds since the epoch."""
        return datetime.fromtimestamp(self.amount(name), UTC)

    def cite(self) -> Citation:
        """The line that says so, whole."""
        line = self.observation.line
        return Citation(evidence=self.item.id, line=line, quote=self.item.text_of(line) or "?")


def cited(*facts: Fact | None) -> tuple[Citation, ...]:
    """The lines of those facts that there are, each once, in this order."""
    return tuple({fact.cite(): None for fact in facts if fact})


class Facts:
    """All observations of one case."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._facts = [
            Fact(item, observation)
            for item in case.evidence
            if item.status is EvidenceStatus.OK
            for observation in item.observations
            if item.text_of(observation.line)
        ]

    @property
    def own_log(self) -> AbstractSet[str]:
        """The ids of the logs of the alert's own service: its process's, or its containers'."""
        of_containers = {fact.item.id for fact in self._facts if is_container_log(fact.item.id)}
        return of_containers | {f"log.{self.case.scope.service}"}

    def all(self, name: str, items: AbstractSet[str] | None = None) -> Sequence[Fact]:
        """Every observation of that name, of some items or of all."""
        named = [fact for fact in self._facts if fact.observation.name == name]
        return [fact for fact in named if items is None or fact.item.id in items]

    def first(self, name: str, items: AbstractSet[str] | None = None) -> Fact | None:
        """The first observation of that name."""
        return next(iter(self.all(name, items)), None)

    def highest(self, name: str) -> Fact | None:
        """Of the series of one query, the one that is highest from the onset on."""
        return max(self.all(name), key=lambda fact: fact.amount("after"), default=None)

    @property
    def onset(self) -> datetime | None:
        """When the alert's own series changed: the split that the metrics were described by."""
        onsets = (fact.number("onset") for fact in self._facts)
        at = next((at for at in onsets if at is not None), None)
        return datetime.fromtimestamp(at, UTC) if at is not None else None

    @property
    def model(self) -> str:
        """The model's name for titles and commands."""
        return self.case.scope.model or "MODEL"
