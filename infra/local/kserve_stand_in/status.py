"""The status of an InferenceService, told from that of its Deployment.

It is ready while enough old pods answer, even if a rollout to a broken image hangs: whoever wants to know
about a rollout looks at the Deployment. So ``observedGeneration`` is the Deployment's, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from infra.local.kserve_stand_in.objects import Object, is_stopped, name_of, predictor_name, status_in

#: KServe's default; the name is only told, since no ingress is made
INGRESS_DOMAIN = "example.com"


@dataclass(frozen=True, slots=True)
class Standing:
    """One condition: true, false or unknown, and why."""

    status: str
    reason: str = ""
    message: str = ""


_TRUE, _FALSE, _STOPPED = Standing("True"), Standing("False"), Standing("False", "Stopped")


def status_of(service: Object, deployment: Object | None, now: datetime) -> Object:
    """What the status must say; the times of conditions that stand are kept."""
    conditions = _conditions(service, _predictor(service, deployment), now)
    status: Object = {"conditions": conditions, "deploymentMode": "Standard", "components": {"predictor": {}}}
    if is_stopped(service) or deployment is None:
        # a merge patch takes out what is null
        return status | {"url": None, "address": None, "modelStatus": None}
    name, namespace = name_of(service), service["metadata"]["namespace"]
    return status | {
        "url": f"http://{name}-{namespace}.{INGRESS_DOMAIN}",
        "address": {"url": f"http://{predictor_name(service)}.{namespace}.svc.cluster.local"},
        "modelStatus": _model_status(service, deployment),
        "observedGeneration": status_in(deployment).get("observedGeneration", 0),
    }


def _predictor(service: Object, deployment: Object | None) -> Standing:
    if is_stopped(service):
        return _STOPPED
    available = _by_type(deployment).get("Available") if deployment else None
    if available is None:
        return Standing("Unknown")
    if available["status"] == "True":
        return _TRUE
    return Standing(available["status"], available.get("reason", ""), available.get("message", ""))


def _conditions(service: Object, predictor: Standing, now: datetime) -> list[Object]:
    stopped = is_stopped(service)
    standings = {
        "IngressReady": _STOPPED if stopped else _TRUE,
        "PredictorReady": predictor,
        "Ready": predictor,
        "Stopped": _TRUE if stopped else _FALSE,
    }
    before = _by_type(service)
    return [_condition(kind, standing, before.get(kind), now) for kind, standing in standings.items()]


def _by_type(found: Object) -> Mapping[str, Object]:
    return {condition["type"]: condition for condition in status_in(found).get("conditions", ())}


def _condition(kind: str, standing: Standing, before: Object | None, now: datetime) -> Object:
    stands = before is not None and before["status"] == standing.status
    changed = before["lastTransitionTime"] if before and stands else f"{now:%Y-%m-%dT%H:%M:%SZ}"
    said: Mapping[str, str] = {"reason": standing.reason, "message": standing.message}
    condition = {"type": kind, "status": standing.status, "lastTransitionTime": changed}
    if kind == "Stopped":
        condition["severity"] = "Info"
    return condition | {name: text for name, text in said.items() if text}


def _model_status(service: Object, deployment: Object) -> Object:
    ready = _predictor(service, deployment) == _TRUE
    copies = status_in(deployment).get("readyReplicas", 0)
    before = status_in(service).get("modelStatus", {}).get("states", {})
    active = "Loaded" if ready else before.get("activeModelState", "")
    return {
        "transitionStatus": "UpToDate" if ready else "InProgress",
        "states": {"activeModelState": active, "targetModelState": "Loaded" if ready else "Pending"},
        "copies": {"failedCopies": 0, "totalCopies": copies},
    }
