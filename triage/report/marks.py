"""What is drawn across a plot: the onset, the alert, and what was changed or restarted meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.report.document import MomentKind, PlottedSeries, Report, TimelineMoment

_MOST = 5
_NAMES = {
    MomentKind.CHANGE: "change",
    MomentKind.ROLLOUT: "rollout",
    MomentKind.RESTART: "restart",
    MomentKind.RESOLVED: "resolved",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment with the word that stands beside its line; ``kind`` chooses the colour."""

    at: datetime
    name: str
    kind: str


def marks_within(report: Report, series: PlottedSeries) -> Sequence[Mark]:
    """The onset and the alert, then at most as many others as leave the plot readable, in order of time."""
    start, end = series.points[0].at, series.points[-1].at
    firsts = [Mark(report.started_at, "alert", "alert")]
    if report.onset:
        firsts.insert(0, Mark(report.onset, "onset", "onset"))
    others = _different(moment for moment in report.timeline if moment.kind in _NAMES)
    inside = [mark for mark in (*firsts, *others) if start <= mark.at <= end]
    return sorted(inside[:_MOST], key=lambda mark: mark.at)


def _different(moments: Iterable[TimelineMoment]) -> Iterable[Mark]:
    """Changes before restarts; what happens in the same second is one mark."""
    order = list(_NAMES)
    seen: set[tuple[str, int]] = set()
    for moment in sorted(moments, key=lambda one: order.index(one.kind)):
        key = (_NAMES[moment.kind], int(moment.at.timestamp()))
        if key not in seen:
            seen.add(key)
            yield Mark(moment.at, _NAMES[moment.kind], moment.kind.value)
