"""Runs the chosen collectors and lets nothing past that is not redacted, or too much to be read."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from homeostat.redaction import redact
from triage.clock import Clock
from triage.evidence.budgeting import within_budget
from triage.evidence.collector import Collector, Scope
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Line, Observation
from triage.evidence.plan import chosen

_log = structlog.stdlib.get_logger()


class Gatherer:
    """All the evidence that one alert needs."""

    def __init__(self, collectors: Sequence[Collector], clock: Clock) -> None:
        self._collectors = collectors
        self._clock = clock

    def gather(self, scope: Scope) -> tuple[EvidenceItem, ...]:
        """Ask every collector that the alert needs; a broken one becomes an item that says so."""
        items: list[EvidenceItem] = []
        for collector in chosen(self._collectors, scope.symptom):
            items += self._from(collector, scope)
        return within_budget([redacted(item) for item in items])

    def _from(self, collector: Collector, scope: Scope) -> Sequence[EvidenceItem]:
        try:
            return collector.collect(scope)
        except Exception as error:  # noqa: BLE001 - a fault in one collector must not cost the whole report
            _log.exception("collector_failed", collector=collector.name)
            return [
                EvidenceItem(
                    id=collector.name,
                    source=collector.name,
                    kind=EvidenceKind.RUNTIME,
                    collected_at=self._clock(),
                    status=EvidenceStatus.ERROR,
                    note=f"{type(error).__name__}: {error}",
                )
            ]


def redacted(item: EvidenceItem) -> EvidenceItem:
    """The item without secrets; line numbers stay."""
    return item.model_copy(
        update={
            # an address may hold a password, and a name is anybody's word
            "source": redact(item.source),
            "note": redact(item.note),
            "lines": tuple(_line(line) for line in item.lines),
            "observations": tuple(_observation(observation) for observation in item.observations),
        }
    )


def _line(line: Line) -> Line:
    return line.model_copy(update={"text": redact(line.text)})


def _observation(observation: Observation) -> Observation:
    texts = {name: redact(text) for name, text in observation.texts.items()}
    return observation.model_copy(update={"texts": texts})
