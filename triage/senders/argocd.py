"""Argo CD's notifications: a failed sync or a degraded application is an alert, its recovery ends them.

The body is the template that the platform gives to argocd-notifications (``argocd/install``), one
application a call; fields that it does not have arrive empty. Everything textual is redacted here, at the
door.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from homeostat.matching import matching
from homeostat.redaction import redact
from homeostat.release import RELEASES
from homeostat.sentences import sentences
from triage.alert import Alert, AlertBatch, AlertStatus, Recovery
from triage.errors import InvalidPayload
from triage.senders.alertmanager import Start
from triage.symptom import APPLICATION_DEGRADED, SYNC_FAILED

_MODEL = re.compile(r"[a-z][a-z0-9_]{0,62}")

ApplicationName = Annotated[
    str,
    matching(
        "[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?",
        "an application's name: lower-case letters, digits, hyphens and dots",
    ),
]


class Trigger(StrEnum):
    """What made Argo CD call."""

    SYNC_FAILED = "sync-failed"
    DEGRADED = "degraded"
    RECOVERED = "recovered"


#: those of the alerts that Prometheus raises of the same
_RUNBOOKS = {Trigger.SYNC_FAILED: "ApplicationNotSynced", Trigger.DEGRADED: "ApplicationDegraded"}


class Notification(BaseModel):
    """The body of one call."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    application: ApplicationName
    trigger: Trigger
    project: str = ""
    sync_status: str = ""
    health_status: str = ""
    #: the last operation's
    phase: str = ""
    message: str = ""
    revision: str = ""
    started_at: Start | None = None
    finished_at: Start | None = None
    #: since when the health is what it is; an application can degrade long after its last operation
    health_since: Start | None = None
    repository: str = ""
    path: str = ""
    destination_namespace: str = ""

    @model_validator(mode="before")
    @classmethod
    def _blank_is_absent(cls, content: Any) -> Any:
        if not isinstance(content, Mapping):
            return content
        fields = cast("Mapping[str, Any]", content)
        # what a template prints for a field that is not there
        return {
            name: value for name, value in fields.items() if value not in (None, "", "<no value>", "<nil>")
        }


def parse_argocd(body: bytes | str, now: datetime) -> AlertBatch | Recovery:
    """Read one call's body; ``now`` is the time of what names none.

    Raises:
        InvalidPayload: with a sentence for every field that is not what it should be.
    """
    try:
        notification = Notification.model_validate_json(body)
    except ValidationError as error:
        told = [redact(sentence) for sentence in sentences(error, Notification)]
        raise InvalidPayload("the notification's body", told) from None
    group = f"argocd:{notification.application}"
    if notification.trigger is Trigger.RECOVERED:
        return Recovery(group, now)
    return AlertBatch(group, (_alert(notification, now),))


def _alert(notification: Notification, now: datetime) -> Alert:
    failed = notification.trigger is Trigger.SYNC_FAILED
    operation = notification.started_at or notification.finished_at
    began = operation if failed else notification.health_since or operation
    return Alert(
        fingerprint=_fingerprint(notification),
        status=AlertStatus.FIRING,
        starts_at=began or now,
        ends_at=None,
        labels={
            "alertname": SYNC_FAILED if failed else APPLICATION_DEGRADED,
            "severity": "warning",
            **_labels(notification),
        },
        annotations=_annotations(notification),
    )


def _fingerprint(notification: Notification) -> str:
    """What is wrong with which application; with the operation's start it is the alert's identity."""
    parts = f"argocd\0{notification.application}\0{notification.trigger}"
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


def _labels(notification: Notification) -> Mapping[str, str]:
    path = PurePosixPath(notification.path)
    model = path.name if path.parent == PurePosixPath(RELEASES) and _MODEL.fullmatch(path.name) else ""
    labels = {
        "application": notification.application,
        "project": notification.project,
        "namespace": notification.destination_namespace,
        "model": model,
    }
    return {name: redact(value) for name, value in labels.items() if value}


def _annotations(notification: Notification) -> Mapping[str, str]:
    said = {
        "summary": _summary(notification),
        "message": notification.message,
        "phase": notification.phase,
        "sync": notification.sync_status,
        "health": notification.health_status,
        "revision": notification.revision,
        "repository": notification.repository,
        "path": notification.path,
        "runbook_url": f"docs/runbooks/{_RUNBOOKS[notification.trigger]}.md",
    }
    return {name: redact(value) for name, value in said.items() if value}


def _summary(notification: Notification) -> str:
    if notification.trigger is Trigger.SYNC_FAILED:
        return f"Argo CD could not sync {notification.application}"
    return f"{notification.application} is not well: Argo CD calls it degraded"
