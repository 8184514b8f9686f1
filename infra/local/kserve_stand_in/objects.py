"""Kubernetes objects as they come from the API, and the few kinds that the stand-in knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: an object as JSON; the API server holds it to its schema, so nothing here does again
Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object and where the API serves it."""

    name: str
    version: str
    plural: str


INFERENCE_SERVICE = Kind("InferenceService", "serving.kserve.io/v1beta1", "inferenceservices")
DEPLOYMENT = Kind("Deployment", "apps/v1", "deployments")
SERVICE = Kind("Service", "v1", "services")
AUTOSCALER = Kind("HorizontalPodAutoscaler", "autoscaling/v2", "horizontalpodautoscalers")
#: what an InferenceService becomes
CHILDREN = (DEPLOYMENT, SERVICE, AUTOSCALER)

FINALIZER = "inferenceservice.finalizers"
OF_SERVICE, COMPONENT = "serving.kserve.io/inferenceservice", "component"


def name_of(found: Object) -> str:
    """The object's name."""
    return str(found["metadata"]["name"])


def predictor_name(service: Object) -> str:
    """What everything that an InferenceService becomes is named."""
    return f"{name_of(service)}-predictor"


def labels_of(found: Object) -> Mapping[str, str]:
    """The object's labels."""
    return found["metadata"].get("labels") or {}


def annotations_of(found: Object) -> Mapping[str, str]:
    """The object's annotations."""
    return found["metadata"].get("annotations") or {}


def status_in(found: Object) -> Object:
    """The object's status; empty before its controller has seen it."""
    return found.get("status") or {}


def is_stopped(service: Object) -> bool:
    """Whether a person asked for it not to run."""
    return annotations_of(service).get("serving.kserve.io/stop") == "true"
