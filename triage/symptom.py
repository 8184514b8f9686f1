"""The class of an alert: it decides which evidence is gathered and which causes are considered.

Only the rule's name decides, in code; no analyst and no text inside an alert can widen what is read.
"""

from __future__ import annotations

from enum import StrEnum

#: the alerts that triage makes of Argo CD's notifications
SYNC_FAILED = "ApplicationSyncFailed"
APPLICATION_DEGRADED = "ApplicationDegraded"


class Symptom(StrEnum):
    """What somebody would notice: a model's user, or whoever watches the platform."""

    LATENCY = "latency"
    ERRORS = "errors"
    DOWN = "down"
    CONFIDENCE = "confidence"
    #: a container was killed, keeps ending or does not start
    CONTAINER = "container"
    #: Prometheus can't scrape something that is no model
    TARGET = "target"
    #: a persistent volume runs full
    VOLUME = "volume"
    #: Argo CD could not bring about what git says, or what it brought about is not well
    DELIVERY = "delivery"
    #: an alert that triage has no class for: everything is gathered and every cause considered
    UNKNOWN = "unknown"


_BY_ALERT = {
    "ModelInferenceLatencyHigh": Symptom.LATENCY,
    "ModelErrorRateHigh": Symptom.ERRORS,
    "ModelEndpointDown": Symptom.DOWN,
    "ModelConfidenceShift": Symptom.CONFIDENCE,
    "ContainerOomKilled": Symptom.CONTAINER,
    "PodCrashLooping": Symptom.CONTAINER,
    "PodNotReady": Symptom.CONTAINER,
    "TargetDown": Symptom.TARGET,
    "MlflowDown": Symptom.TARGET,
    "VolumeFull": Symptom.VOLUME,
    "ApplicationNotSynced": Symptom.DELIVERY,
    SYNC_FAILED: Symptom.DELIVERY,
    APPLICATION_DEGRADED: Symptom.DELIVERY,
}


def symptom_of(alertname: str) -> Symptom:
    """The class of the alert that the rule ``alertname`` raises."""
    return _BY_ALERT.get(alertname, Symptom.UNKNOWN)
