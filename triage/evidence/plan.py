"""Which collectors an alert of each class needs: decided here, in code, never by an analyst."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from triage.evidence.collector import Collector
from triage.symptom import Symptom

_NEEDED: Mapping[Symptom, frozenset[str]] = {
    Symptom.LATENCY: frozenset({"metrics", "logs", "kubernetes", "handoffs", "release-diff"}),
    Symptom.ERRORS: frozenset({"metrics", "logs", "kubernetes", "handoffs", "release-diff"}),
    Symptom.DOWN: frozenset({"metrics", "logs", "kubernetes", "handoffs", "release-diff"}),
    # what the model answers depends on its input and its release; its log has no say in it
    Symptom.CONFIDENCE: frozenset({"metrics", "handoffs", "release-diff"}),
    Symptom.CONTAINER: frozenset({"alert", "metrics", "kubernetes", "handoffs", "release-diff"}),
    Symptom.TARGET: frozenset({"alert", "metrics", "kubernetes", "handoffs"}),
    Symptom.VOLUME: frozenset({"alert", "metrics", "kubernetes"}),
    Symptom.DELIVERY: frozenset({"alert", "kubernetes", "handoffs", "release-diff"}),
    Symptom.HEARTBEAT: frozenset({"alert"}),
    Symptom.PIPELINE: frozenset({"alert", "github"}),
    Symptom.DRIFT: frozenset({"alert", "drift", "metrics", "handoffs", "release-diff"}),
}
#: somebody who brings files has chosen them for this alert
_CHOSEN_BY_A_PERSON = frozenset({"files"})


def chosen(collectors: Sequence[Collector], symptom: Symptom) -> Sequence[Collector]:
    """The collectors for an alert of class ``symptom``; all of them when the class is unknown."""
    needed = _NEEDED.get(symptom)
    return [one for one in collectors if needed is None or one.name in needed | _CHOSEN_BY_A_PERSON]
