"""The class of an alert: it decides which evidence is gathered and which causes are considered.

Only the rule's name decides, in code; no analyst and no text inside an alert can widen what is read.
"""

from __future__ import annotations

from enum import StrEnum


class Symptom(StrEnum):
    """What a user of the model would notice."""

    LATENCY = "latency"
    ERRORS = "errors"
    DOWN = "down"
    CONFIDENCE = "confidence"
    #: an alert that triage has no class for: everything is gathered and every cause considered
    UNKNOWN = "unknown"


_BY_ALERT = {
    "ModelInferenceLatencyHigh": Symptom.LATENCY,
    "ModelErrorRateHigh": Symptom.ERRORS,
    "ModelEndpointDown": Symptom.DOWN,
    "ModelConfidenceShift": Symptom.CONFIDENCE,
}


def symptom_of(alertname: str) -> Symptom:
    """The class of the alert that the rule ``alertname`` raises."""
    return _BY_ALERT.get(alertname, Symptom.UNKNOWN)
