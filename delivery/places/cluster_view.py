"""What became of one model in a cluster, told from its Kubernetes objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from delivery.rollout import ServiceView

#: a Kubernetes object as its API gives it
Object = Mapping[str, Any]

_WAITS_IN_VAIN = (
    "ImagePullBackOff",
    "ErrImagePull",
    "ErrImageNeverPull",
    "CrashLoopBackOff",
    "InvalidImageName",
)


@dataclass(frozen=True, slots=True)
class Objects:
    """What the cluster has of one model; None for what does not exist (yet)."""

    application: Object | None
    inference_service: Object | None
    deployment: Object | None
    service: Object | None
    pods: Sequence[Object]


def view_of(objects: Objects, includes: Callable[[str], bool]) -> ServiceView:
    """Tell the rollout.

    Args:
        objects: of the model.
        includes: whether a synced revision includes the commit whose rollout is awaited.
    """
    url = _url(objects.service)
    if trouble := _of_application(objects.application, includes):
        return ServiceView(url, trouble[0], given_up=trouble[1], under_way=True)
    deployment = objects.deployment
    if objects.inference_service is None or deployment is None:
        return ServiceView(url, "its InferenceService has no Deployment yet", given_up=False, under_way=True)
    if failed := _condition(deployment, "Progressing", "False"):
        return ServiceView(url, f"rollout failed: {failed}", given_up=True, under_way=True)
    told = _waiting(objects.pods) or ("rolling out" if _under_way(deployment) else "")
    return ServiceView(url, told, given_up=False, under_way=_under_way(deployment))


def _of_application(application: Object | None, includes: Callable[[str], bool]) -> tuple[str, bool] | None:
    """Why Argo CD has not applied the commit, and whether it never will; None when it has."""
    if application is None:
        return "Argo CD has no Application of it yet", False
    status: Object = application.get("status", {})
    operation: Object = status.get("operationState", {})
    attempted = operation.get("syncResult", {}).get("revision", "")
    if operation.get("phase") in {"Failed", "Error"} and attempted and includes(attempted):
        return f"Argo CD can't apply it: {operation.get('message', 'no reason given')}", True
    sync: Object = status.get("sync", {})
    if not (sync.get("revision") and includes(sync["revision"])):
        return "Argo CD has not read the commit yet", False
    if sync.get("status") != "Synced":
        return "Argo CD applies it", False
    return None


def _under_way(deployment: Object) -> bool:
    status: Object = deployment.get("status", {})
    wanted = deployment.get("spec", {}).get("replicas", 1)
    seen = status.get("observedGeneration") == deployment["metadata"].get("generation")
    counts = {status.get(name, 0) for name in ("replicas", "updatedReplicas", "availableReplicas")}
    return not seen or counts != {wanted}


def _waiting(pods: Sequence[Object]) -> str:
    """The first reason for which a container waits in vain."""
    for pod in pods:
        for container in pod.get("status", {}).get("containerStatuses", ()):
            waiting: Object = container.get("state", {}).get("waiting", {})
            if waiting.get("reason") in _WAITS_IN_VAIN:
                said = waiting.get("message", "no message")
                return f"{pod['metadata']['name']} waits: {waiting['reason']}: {said}"
    return ""


def _condition(what: Object, kind: str, value: str) -> str | None:
    for condition in what.get("status", {}).get("conditions", ()):
        if condition.get("type") == kind and condition.get("status") == value:
            return condition.get("message") or condition.get("reason") or kind
    return None


def _url(service: Object | None) -> str | None:
    address = service.get("spec", {}).get("clusterIP") if service else None
    return f"http://{address}" if address and address != "None" else None
