"""Cases made of text, as a person would save it, and of observations where text alone does not tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from triage.alert import Alert, AlertStatus
from triage.analysts.analysis import Analysis
from triage.analysts.analyst import Case
from triage.analysts.citations import problem_with
from triage.analysts.deterministic.analyst import DeterministicAnalyst
from triage.evidence.collector import scope_of
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Line, Observation

BEGAN = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
POD = {"namespace": "shop", "pod": "web-0"}


def item(
    name: str, text: str, *observed: Observation, kind: EvidenceKind = EvidenceKind.RUNTIME
) -> EvidenceItem:
    """A saved file."""
    lines = tuple(Line(number=at, text=line) for at, line in enumerate(text.split("\n"), start=1))
    return EvidenceItem(
        id=name,
        source=name,
        kind=kind,
        collected_at=BEGAN,
        status=EvidenceStatus.OK,
        lines=lines,
        observations=observed,
    )


def seen(
    name: str,
    texts: Mapping[str, str],
    numbers: Mapping[str, float] | None = None,
    line: int = 1,
    at: datetime | None = None,
) -> Observation:
    """Something that a parser understood."""
    return Observation(name=name, line=line, at=at, numbers=numbers or {}, texts=texts)


def analysed(
    *evidence: EvidenceItem,
    alertname: str = "KubePodNotReady",
    status: AlertStatus = AlertStatus.FIRING,
    labels: Mapping[str, str] | None = None,
) -> Analysis:
    """What the analyst says; every citation of it is checked."""
    ends_at = BEGAN + timedelta(minutes=4) if status is AlertStatus.RESOLVED else None
    named = {"alertname": alertname, **(POD if labels is None else labels)}
    alert = Alert("f", status, BEGAN, ends_at, named, {})
    case = Case(alert, scope_of(alert, BEGAN + timedelta(minutes=5)), evidence)
    analysis = DeterministicAnalyst().analyse(case)
    for claim in (*analysis.causes, *analysis.ruled_out):
        for citation in claim.citations:
            assert problem_with(citation, evidence) is None, (claim.kind, citation)
    return analysis


def kinds(analysis: Analysis) -> Sequence[str]:
    """The kinds of the causes, the most likely first."""
    return [cause.kind for cause in analysis.causes]
