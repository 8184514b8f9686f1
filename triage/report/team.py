"""Who is asked to look: decided in code, by the kind of the first cause or by what failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from triage.alert import Alert
from triage.analysts.analysis import Cause
from triage.evidence.item import EvidenceItem
from triage.symptom import Symptom, symptom_of


class Team(StrEnum):
    """Those who can be tagged; what each is called at Slack and GitHub is configured with the routes."""

    SECURITY = "security"
    ML = "ml"
    PLATFORM = "platform"
    #: whoever made the change
    DEVELOPERS = "developers"


_BY_KIND: Mapping[Team, frozenset[str]] = {
    Team.SECURITY: frozenset({"sast", "leaked-secret", "vulnerable-dependency", "image-vulnerability"}),
    Team.ML: frozenset(
        {
            *("gate-refused", "data-contract", "training-crash", "data-drift", "concept-drift"),
            *("model-decay", "input-shift", "drift"),
        }
    ),
    Team.DEVELOPERS: frozenset(
        {"test-failure", "lint", "type-error", "script-error", "dependency-resolution"}
    ),
}
#: what a failed pipeline's evidence speaks of, the most pressing first
_BY_OBSERVATION = (
    ("finding", Team.SECURITY),
    ("gate.refused", Team.ML),
    ("drift.statistic", Team.ML),
    ("manifest.error", Team.PLATFORM),
    ("test.failed", Team.DEVELOPERS),
)
_BY_SYMPTOM = {Symptom.DRIFT: Team.ML, Symptom.CONFIDENCE: Team.ML, Symptom.PIPELINE: Team.DEVELOPERS}


def team_of(alert: Alert, evidence: Iterable[EvidenceItem], causes: Sequence[Cause] = ()) -> str:
    """The alert's own label ``team``, else who knows most of the first cause, or of what failed."""
    if own := alert.labels.get("team"):
        return own
    symptom = symptom_of(alert.name)
    if symptom is Symptom.PIPELINE and causes:
        return team_for(causes[0].kind).value
    if symptom is Symptom.PIPELINE:
        seen = {one.name for item in evidence for one in item.observations}
        return next((team for name, team in _BY_OBSERVATION if name in seen), Team.DEVELOPERS).value
    return _BY_SYMPTOM.get(symptom, Team.PLATFORM).value


def team_for(kind: str) -> Team:
    """The team for a cause of this kind; what belongs to none of the others is the platform's.

    >>> team_for("leaked-secret"), team_for("disk-full")
    (<Team.SECURITY: 'security'>, <Team.PLATFORM: 'platform'>)
    """
    return next((team for team, kinds in _BY_KIND.items() if kind in kinds), Team.PLATFORM)
