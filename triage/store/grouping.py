"""Which alerts are one incident: those of one group, whoever told of them.

A sender's own key says what belongs together, but two senders that watch the same have two keys. Argo CD
tells of an application when it fails, and Prometheus minutes later: that is one incident.
"""

from __future__ import annotations

import hashlib

from triage.alert import Alert, AlertBatch
from triage.symptom import APPLICATION_DEGRADED, APPLICATION_NOT_SYNCED, SYNC_FAILED

#: what is wrong with an application, whoever says so
_OF_APPLICATIONS = frozenset({SYNC_FAILED, APPLICATION_DEGRADED, APPLICATION_NOT_SYNCED})
#: databases bound what an index can hold
_MOST_BYTES = 1_000


def group_of(batch: AlertBatch) -> str:
    """The key by which the batch's incident is found."""
    applications = {_application(alert) for alert in batch.alerts}
    if len(applications) == 1 and (application := applications.pop()):
        return bounded(f"argocd:{application}")
    return bounded(batch.group_key)


def bounded(key: str) -> str:
    """The key, or what stands for it when it is too long.

    >>> bounded("argocd:redis")
    'argocd:redis'
    """
    content = key.encode()
    if len(content) <= _MOST_BYTES:
        return key
    return f"{content[:200].decode(errors='ignore')}#{hashlib.sha256(content).hexdigest()}"


def _application(alert: Alert) -> str:
    return alert.labels.get("application", "") if alert.name in _OF_APPLICATIONS else ""
