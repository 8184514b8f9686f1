"""The observations and lines of a case, easy to ask for; each can be cited."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime

from triage.analysts.analysis import Citation
from triage.analysts.analyst import Case
from triage.analysts.citations import gives_instructions
from triage.analysts.deterministic.subject import subject_of
from triage.evidence.alert_itself import ITEM as ALERT_ITEM
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Line, Observation
from triage.evidence.log_record import understand
from triage.evidence.log_time import web_time, yearless_time

_RUNTIME = frozenset({EvidenceKind.RUNTIME})
#: observations that only a cluster yields begin so
_OF_CLUSTER = ("pod", "event", "workload", "claim", "node.")
#: words that only text about a cluster holds
_CLUSTER_WORDS = re.compile(
    r"\b(?:kubelet|kube-system|kubectl|CrashLoopBackOff|replicaset|OOMKilled|persistentvolumeclaim)\b"
)
#: prose about what may happen some day, which shows nothing of what did
_PROSE = re.compile(r"(?i)run-?book|readme|playbook|post-?mortem|\.md$")


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


def _moment_in(text: str, near: datetime) -> datetime | None:
    """When a line says that it was written."""
    return understand(text).at or web_time(text) or yearless_time(text, near)


class Facts:
    """All observations of one case that may be about the alert's subject."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.subject = subject_of(case.alert, case.evidence)
        self._items = [item for item in case.evidence if item.status is EvidenceStatus.OK]
        self._facts = [fact for fact in self._observed() if self.subject.owns(fact.observation)]
        #: what may be searched, each with all of its lines as one text, which is much faster to search first
        self._texts = [
            (item, "\n".join(line.text for line in item.lines))
            for item in self._items
            if item.id != ALERT_ITEM and not _PROSE.search(item.id) and not self._is_neighbour(item)
            if not self.subject.is_anothers(item.id)
        ]
        names = {fact.observation.name for fact in self._facts}
        self._is_in_cluster = (
            case.scope.is_in_cluster
            or any(name.startswith(_OF_CLUSTER) for name in names)
            or any(_CLUSTER_WORDS.search(whole) for _, whole in self._texts)
        )
        self._moments = {
            (fact.item.id, fact.observation.line): fact.at for fact in self._facts if fact.at is not None
        }

    def _observed(self) -> Iterator[Fact]:
        for item in self._items:
            texts = {line.number: line.text for line in item.lines}
            for observation in item.observations:
                # text that talks to its reader says nothing about the system
                text = texts.get(observation.line)
                if text and not gives_instructions(text):
                    yield Fact(item, observation)

    @property
    def event_items(self) -> AbstractSet[str]:
        """The ids of the items that hold events, which are in no order of time."""
        return {fact.item.id for fact in self._facts if fact.observation.name == "event"}

    @property
    def is_in_cluster(self) -> bool:
        """Whether pods may be involved: by the alert's labels, or because the evidence shows some."""
        return self._is_in_cluster

    @property
    def own_log(self) -> AbstractSet[str]:
        """The ids of the logs of the alert's own service: its process's, or its containers'."""
        ids = {fact.item.id for fact in self._facts if fact.observation.name.startswith("log.")}
        return {item.id for item in self._items if item.id in ids and not self._is_anothers(item)}

    def _is_anothers(self, item: EvidenceItem) -> bool:
        return self._is_neighbour(item) or self.subject.is_anothers(item.id)

    def _is_neighbour(self, item: EvidenceItem) -> bool:
        """Whether it is the log of another process of the platform."""
        service = self.case.scope.service
        return (
            service is not None and item.id == f"log.{item.source.removesuffix('.log')}" != f"log.{service}"
        )

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

    def lines(self, pattern: re.Pattern[str], kinds: AbstractSet[EvidenceKind] = _RUNTIME) -> Sequence[Fact]:
        """The shown lines that match, with the pattern's named groups as texts and the whole as ``text``.

        What the alert says of itself, prose such as runbooks, neighbours' logs, lines about strangers and
        lines that talk to their reader are left out: none of them shows what happened to the subject.
        """
        return [
            self._line(item, line, found)
            for item, whole in self._texts
            if item.kind in kinds and (pattern.search(whole) or "^" in pattern.pattern)
            for line in item.lines
            if (found := pattern.search(line.text))
            if self.subject.speaks_of(line.text) and not gives_instructions(line.text)
        ]

    def _line(self, item: EvidenceItem, line: Line, found: re.Match[str]) -> Fact:
        at = self._moments.get((item.id, line.number)) or _moment_in(line.text, self.began)
        texts = {name: text for name, text in found.groupdict().items() if text}
        seen = Observation(name="line", line=line.number, at=at, texts={**texts, "text": line.text.strip()})
        return Fact(item, seen)

    @property
    def began(self) -> datetime:
        """When the alert began: what the age of evidence is measured against."""
        return min(self.case.alert.starts_at, self.case.scope.now)

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
