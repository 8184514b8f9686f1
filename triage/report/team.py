"""Who is asked to look: decided in code, by what failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from triage.alert import Alert
from triage.analysts.analysis import Cause
from triage.evidence.item import EvidenceItem
from triage.symptom import Symptom, symptom_of
from triage.teams import team_of as team_of_kind

SECURITY = "security"
ML = "ml"
PLATFORM = "platform"
DEVELOPERS = "developers"

#: what a failed pipeline's evidence speaks of, the most pressing first
_BY_OBSERVATION = (
    ("finding", SECURITY),
    ("gate.refused", ML),
    ("drift.statistic", ML),
    ("manifest.error", PLATFORM),
    ("test.failed", DEVELOPERS),
)
_BY_SYMPTOM = {Symptom.DRIFT: ML, Symptom.CONFIDENCE: ML, Symptom.PIPELINE: DEVELOPERS}


def team_of(alert: Alert, evidence: Iterable[EvidenceItem], causes: Sequence[Cause] = ()) -> str:
    """The alert's own label ``team``, else who knows most of the first cause, or of what failed."""
    if own := alert.labels.get("team"):
        return own
    symptom = symptom_of(alert.name)
    if symptom is Symptom.PIPELINE and causes:
        return team_of_kind(causes[0].kind).value
    if symptom is Symptom.PIPELINE:
        seen = {one.name for item in evidence for one in item.observations}
        return next((team for name, team in _BY_OBSERVATION if name in seen), DEVELOPERS)
    return _BY_SYMPTOM.get(symptom, PLATFORM)
