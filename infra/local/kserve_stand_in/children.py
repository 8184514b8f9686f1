"""What an InferenceService becomes: a Deployment, a Service and, unless it says otherwise, an autoscaler."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from infra.local.kserve_stand_in.objects import (
    AUTOSCALER,
    COMPONENT,
    DEPLOYMENT,
    INFERENCE_SERVICE,
    OF_SERVICE,
    SERVICE,
    Kind,
    Object,
    annotations_of,
    is_stopped,
    labels_of,
    name_of,
    predictor_name,
)

CONTAINER = "kserve-container"
_AUTOSCALER_CLASS = "serving.kserve.io/autoscalerClass"
_PORT = 8080
_CPU_PERCENT = 80
#: fields of a predictor that are KServe's own; every other one is a pod's
_NOT_OF_A_POD = frozenset(
    {
        *("annotations", "labels", "minReplicas", "maxReplicas", "scaleTarget", "scaleMetric"),
        *("canaryTrafficPercent", "timeout", "deploymentStrategy"),
    }
)
#: annotations that belong to the InferenceService alone: whose it is, and what was applied
_NOT_PASSED_ON = frozenset(
    {"argocd.argoproj.io/tracking-id", "kubectl.kubernetes.io/last-applied-configuration"}
)


def children(service: Object) -> Sequence[Object]:
    """All that must exist for ``service``; nothing while it is stopped."""
    if is_stopped(service):
        return ()
    wanted = [_deployment(service), _service(service)]
    return [*wanted, _autoscaler(service)] if _scales(service) else wanted


def is_stray(found: Object, service: Object) -> bool:
    """Whether ``found`` claims to be the predictor of ``service`` under another name: KServe deletes it."""
    labels = labels_of(found)
    claims = labels.get(OF_SERVICE) == name_of(service) and labels.get(COMPONENT) == "predictor"
    return claims and name_of(found) != predictor_name(service)


def is_owned(found: Object, service: Object) -> bool:
    """Whether ``found`` was made for just this ``service``."""
    owners = found["metadata"].get("ownerReferences") or ()
    return any(owner["uid"] == service["metadata"]["uid"] for owner in owners)


def _deployment(service: Object) -> Object:
    predictor = service["spec"]["predictor"]
    metadata = _metadata(service)
    pod = {name: value for name, value in predictor.items() if name not in _NOT_OF_A_POD}
    pod["containers"] = _containers(service)
    spec: dict[str, Any] = {
        "selector": {"matchLabels": _selector(service)},
        "template": {
            "metadata": {"labels": metadata["labels"], "annotations": metadata["annotations"]},
            "spec": pod,
        },
    }
    if strategy := predictor.get("deploymentStrategy"):
        spec["strategy"] = strategy
    if not _scales(service):
        spec["replicas"] = predictor.get("minReplicas", 1)
    return _object(DEPLOYMENT, metadata, spec)


def _containers(service: Object) -> list[Object]:
    first, *others = copy.deepcopy(service["spec"]["predictor"]["containers"])
    first["name"] = first["name"] if others else CONTAINER
    env = first.setdefault("env", [])
    if not any(variable["name"] == "INFERENCE_SERVICE_NAME" for variable in env):
        env.append({"name": "INFERENCE_SERVICE_NAME", "value": name_of(service)})
    port = _ports(first)[0]["containerPort"]
    first.setdefault("readinessProbe", {"tcpSocket": {"port": port}})
    for container in (first, *others):
        container.setdefault("imagePullPolicy", "IfNotPresent")
    return [first, *others]


def _service(service: Object) -> Object:
    first, *others = _ports(service["spec"]["predictor"]["containers"][0])
    ports = [_service_port(first, 80), *(_service_port(port, port["containerPort"]) for port in others)]
    if "name" not in first:
        ports[0]["name"] = predictor_name(service)
    return _object(SERVICE, _metadata(service), {"selector": _selector(service), "ports": ports})


def _service_port(port: Object, number: int) -> Object:
    named = {"name": port["name"]} if "name" in port else {}
    target = {"port": number, "targetPort": port["containerPort"]}
    return named | target | {"protocol": port.get("protocol", "TCP")}


def _autoscaler(service: Object) -> Object:
    predictor = service["spec"]["predictor"]
    least = max(predictor.get("minReplicas", 1), 1)
    target = {"type": "Utilization", "averageUtilization": predictor.get("scaleTarget", _CPU_PERCENT)}
    resource = {"name": predictor.get("scaleMetric", "cpu"), "target": target}
    deployment = {"apiVersion": DEPLOYMENT.version, "kind": DEPLOYMENT.name, "name": predictor_name(service)}
    spec = {
        "scaleTargetRef": deployment,
        "minReplicas": least,
        "maxReplicas": max(predictor.get("maxReplicas", 0), least),
        "metrics": [{"type": "Resource", "resource": resource}],
    }
    return _object(AUTOSCALER, _metadata(service), spec)


def _scales(service: Object) -> bool:
    return annotations_of(service).get(_AUTOSCALER_CLASS, "hpa") == "hpa"


def _ports(container: Object) -> Sequence[Object]:
    return container.get("ports") or [{"containerPort": _PORT}]


def _selector(service: Object) -> Mapping[str, str]:
    return {"app": f"isvc.{predictor_name(service)}"}


def _metadata(service: Object) -> Object:
    """Of every child: what the InferenceService says of itself, then of its predictor, then KServe's own."""
    predictor = service["spec"]["predictor"]
    passed = {name: text for name, text in annotations_of(service).items() if name not in _NOT_PASSED_ON}
    own = {OF_SERVICE: name_of(service), COMPONENT: "predictor", **_selector(service)}
    owner = {
        "apiVersion": INFERENCE_SERVICE.version,
        "kind": INFERENCE_SERVICE.name,
        "name": name_of(service),
        "uid": service["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    return {
        "name": predictor_name(service),
        "namespace": service["metadata"]["namespace"],
        "labels": {**labels_of(service), **predictor.get("labels", {}), **own},
        "annotations": {**passed, **predictor.get("annotations", {})},
        "ownerReferences": [owner],
    }


def _object(kind: Kind, metadata: Object, spec: Object) -> Object:
    return {"apiVersion": kind.version, "kind": kind.name, "metadata": metadata, "spec": spec}
