"""The analyst to be better than: it sees the alert's name and nothing else."""

from __future__ import annotations

import re

from triage.alert import Alert

#: what somebody would guess who knows the rule's name; the first that fits
_GUESSES = (
    ("(?i)oom|memory", "oom-killed"),
    ("(?i)crash", "crash-loop"),
    ("(?i)image|pull", "image-pull"),
    ("(?i)waiting|config", "bad-configuration"),
    ("(?i)notready|probe|unhealthy", "failing-probe"),
    ("(?i)schedul|pending", "unschedulable"),
    ("(?i)volume|disk|storage", "volume-full"),
    ("(?i)throttl", "throttling"),
    ("(?i)cert|tls", "certificate"),
    ("(?i)dns", "dns"),
    ("(?i)drift", "data-drift"),
    ("(?i)pipeline|workflow|ci", "test-failure"),
    ("(?i)sync|application|argo", "sync-failed"),
    ("(?i)latency|slow", "release"),
    ("(?i)error|5xx", "server-errors"),
    ("(?i)down|absent|unreachable", "process-died"),
)


def guess(alert: Alert) -> str | None:
    """The kind of cause that the alert's name suggests, or None when it suggests nothing."""
    return next((kind for pattern, kind in _GUESSES if re.search(pattern, alert.name)), None)
