"""The statistics that came with the alert, one a line, and beside them what changed between two runs."""

from __future__ import annotations

from collections.abc import Sequence

from triage.clock import Clock
from triage.drift.statistic import read_statistics
from triage.drift.urgency import Judged, judged
from triage.evidence.collector import Scope
from triage.evidence.drift.lines import line_of, observation_of
from triage.evidence.drift.runs import RunComparison
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Line

ITEM = "drift"
ANNOTATION = "statistics"
_MOST_LINES = 120


class DriftCollector:
    """Reads the alert's annotation; ``runs`` asks MLflow where there is one."""

    name = "drift"

    def __init__(self, clock: Clock, runs: RunComparison | None = None) -> None:
        self._clock = clock
        self._runs = runs

    def collect(self, scope: Scope) -> Sequence[EvidenceItem]:
        """The statistics, and the comparison of runs where MLflow is configured."""
        items = [self._statistics(scope)]
        if self._runs is not None:
            items.append(self._runs.compare(scope))
        return items

    def _statistics(self, scope: Scope) -> EvidenceItem:
        text = scope.alert.annotations.get(ANNOTATION, "")
        if not text.strip():
            return self._item(EvidenceStatus.EMPTY, note="the alert carries no statistics")
        try:
            found = judged(read_statistics(text))
        except (ValueError, RecursionError):
            return self._item(EvidenceStatus.ERROR, note="the alert's statistics are no JSON list")
        if not found:
            return self._item(EvidenceStatus.ERROR, note="none of the alert's statistics can be understood")
        # of too many those that moved are shown, and of the rest the first
        shown = (
            sorted(found, key=lambda one: not one.moved)[:_MOST_LINES] if len(found) > _MOST_LINES else found
        )
        return self._item(EvidenceStatus.OK, shown, _left_out(found, shown), scope)

    def _item(
        self,
        status: EvidenceStatus,
        shown: Sequence[Judged] = (),
        note: str = "",
        scope: Scope | None = None,
    ) -> EvidenceItem:
        at = scope.starts_at if scope else None
        return EvidenceItem(
            id=ITEM,
            source="the statistics in the alert",
            kind=EvidenceKind.RUNTIME,
            collected_at=self._clock(),
            status=status,
            note=note,
            lines=tuple(
                Line(number=number, text=line_of(one.statistic)) for number, one in enumerate(shown, start=1)
            ),
            observations=tuple(
                observation_of(one.statistic, number, at) for number, one in enumerate(shown, start=1)
            ),
        )


def _left_out(found: Sequence[Judged], shown: Sequence[Judged]) -> str:
    return (
        f"{len(found) - len(shown)} statistics that did not move are left out"
        if len(shown) < len(found)
        else ""
    )
