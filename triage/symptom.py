"""The class of an alert: it decides which evidence is gathered and which causes are considered.

Only the rule's name decides, in code; no analyst and no text inside an alert can widen what is read.
"""

from __future__ import annotations

import re
from enum import StrEnum

#: the alerts that triage makes of Argo CD's notifications
SYNC_FAILED = "ApplicationSyncFailed"
APPLICATION_DEGRADED = "ApplicationDegraded"
#: what Prometheus calls an application that stays different from git
APPLICATION_NOT_SYNCED = "ApplicationNotSynced"
#: the one that it makes of a failed workflow run
PIPELINE_FAILED = "PipelineFailed"
#: the one that it makes of statistics that a drift detector computed
MODEL_DRIFT = "ModelDrift"


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
    #: a run of the pipeline failed: checks, training, gates, packaging or the hand-off
    PIPELINE = "pipeline"
    #: what a model sees or answers differs from its baseline, by computed statistics
    DRIFT = "drift"
    #: an alert that always fires, to show that alerts arrive: there is nothing to explain
    HEARTBEAT = "heartbeat"
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
    APPLICATION_NOT_SYNCED: Symptom.DELIVERY,
    SYNC_FAILED: Symptom.DELIVERY,
    APPLICATION_DEGRADED: Symptom.DELIVERY,
    PIPELINE_FAILED: Symptom.PIPELINE,
    MODEL_DRIFT: Symptom.DRIFT,
    "Watchdog": Symptom.HEARTBEAT,
    "DeadMansSwitch": Symptom.HEARTBEAT,
    "InfoInhibitor": Symptom.HEARTBEAT,
}


#: how other people's rules on models' statistics are called; a clock's skew and a cluster's drift are others
_DRIFT = re.compile(
    r"(?i)(?:data|feature|model|concept|prediction|label|covariate|target|input|psi)[\w -]*"
    r"(?:drift|shift|skew)"
)


def symptom_of(alertname: str) -> Symptom:
    """The class of the alert that the rule ``alertname`` raises.

    >>> symptom_of("FeatureDriftDetected"), symptom_of("NodeClockSkewDetected")
    (<Symptom.DRIFT: 'drift'>, <Symptom.UNKNOWN: 'unknown'>)
    """
    known = _BY_ALERT.get(alertname)
    return known or (Symptom.DRIFT if _DRIFT.search(alertname) else Symptom.UNKNOWN)
