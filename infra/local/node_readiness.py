"""Whether the node works now: what the API says of it may be from before a stop."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from infra.gitops.kubectl import Kubectl
from infra.local.errors import ComponentNotReady
from infra.local.place import NODE_NAME

_PATIENCE_SECONDS = 180.0


def await_node(kubectl: Kubectl, started: datetime | None) -> None:
    """Wait until the node is ready.

    Args:
        kubectl: the cluster.
        started: the time since when all pods must have been started, when none outlived a stop.

    Raises:
        ComponentNotReady: when it takes too long; says what is awaited.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (missing := _missing(kubectl, started)) is not None:
        if time.monotonic() > deadline:
            raise ComponentNotReady(f"the node is not ready after {_PATIENCE_SECONDS:.0f} s: {missing}.")
        time.sleep(0.3)


def _missing(kubectl: Kubectl, started: datetime | None) -> str | None:
    found = kubectl.get("node", NODE_NAME)
    if found is None:
        return "the kubelet has not registered it"
    if complaint := node_complaint(found, started):
        return complaint
    stale = stale_pods(kubectl.list("pods"), started) if started else []
    return f"pods that are not started yet: {', '.join(stale[:3])}" if stale else None


def node_complaint(found: Mapping[str, Any], started: datetime | None) -> str | None:
    """Why the node can't take pods; a report from before ``started`` doesn't count."""
    for condition in found.get("status", {}).get("conditions", ()):
        if condition["type"] == "Ready":
            if started and _time(condition["lastHeartbeatTime"]) < started.replace(microsecond=0):
                return "the kubelet has not reported yet"
            return None if condition["status"] == "True" else str(condition.get("message", "not ready"))
    return "the kubelet has not reported yet"


def stale_pods(pods: Iterable[Mapping[str, Any]], started: datetime) -> list[str]:
    """The pods that the API calls running although their containers are from before ``started``."""
    return [
        f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
        for pod in pods
        if any(
            _time(begun) < started.replace(microsecond=0)
            for status in pod.get("status", {}).get("containerStatuses", ())
            if (begun := status.get("state", {}).get("running", {}).get("startedAt"))
        )
    ]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
