"""Who is told of a drift: by the urgency that was computed, whatever a label says."""

from __future__ import annotations

import pytest

from tests.unit.triage.destinations.conftest import a_report
from triage.destinations.message import Origin
from triage.destinations.routing import Place, places
from triage.drift.assessment import Action, DriftClass
from triage.drift.urgency import Urgency
from triage.report.document import Report, ReportKind
from triage.report.drift_table import DriftSection


def a_drift(urgency: Urgency, severity: str = "warning") -> Report:
    section = DriftSection(
        drift=DriftClass.DATA, urgency=urgency, action=Action.INVESTIGATE, features=(), rows=()
    )
    return a_report(kind=ReportKind.DRIFT, severity=severity).model_copy(update={"drift": section})


@pytest.mark.parametrize(
    ("urgency", "where"),
    [
        (Urgency.P0, {Place.FILE, Place.SLACK, Place.GITHUB_ISSUE}),
        (Urgency.P1, {Place.FILE, Place.SLACK, Place.GITHUB_ISSUE}),
        (Urgency.P2, {Place.FILE, Place.SLACK}),
    ],
)
@pytest.mark.parametrize("label", ["P0", "P2", ""])
def test_the_computed_urgency_decides_and_not_the_label(
    urgency: Urgency, where: set[Place], label: str
) -> None:
    assert set(places(a_drift(urgency), Origin(urgency=label))) == where


def test_what_is_not_both_significant_and_large_calls_nobody() -> None:
    assert places(a_drift(Urgency.NONE, "none"), Origin()) == (Place.FILE,)
