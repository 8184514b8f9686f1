"""Objects of the cluster that were read from text, and what there is to say of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from triage.evidence.files.located import Located
from triage.evidence.item import Observation
from triage.evidence.kubernetes.application import Application
from triage.evidence.kubernetes.applications import application_statements
from triage.evidence.kubernetes.event import Event
from triage.evidence.kubernetes.events import event_statement
from triage.evidence.kubernetes.foreign import Foreign
from triage.evidence.kubernetes.node import Node, node_statements
from triage.evidence.kubernetes.pod import Pod
from triage.evidence.kubernetes.pods import pod_statements
from triage.evidence.kubernetes.statement import Statement
from triage.evidence.kubernetes.volume_claim import VolumeClaim
from triage.evidence.kubernetes.volumes import claim_statement
from triage.evidence.kubernetes.workload import Conditioned, InferenceService, Workload
from triage.evidence.kubernetes.workloads import (
    condition_statements,
    replica_set_statement,
    workload_statements,
)

_WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "Job", "ReplicaSet"})
_MOST_OBJECTS = 500
#: an event without any time is said to be of 1970
_KNOWN = timedelta(days=3650)
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")

M = TypeVar("M", bound=Foreign)


def object_observations(document: Located) -> Iterable[Observation]:
    """What the document says, an object or a list of them; other documents say nothing."""
    for one in _objects(document):
        for statement in _statements(one):
            if statement.name:
                yield Observation(
                    name=statement.name,
                    line=one.line_of(statement.path),
                    at=statement.at if statement.at and statement.at - _EPOCH > _KNOWN else None,
                    numbers=statement.numbers,
                    texts=statement.texts,
                )


def is_object(document: Located) -> bool:
    """Whether it is an object of a cluster, or a list of them."""
    return bool(_objects(document)) and "kind" in _fields(document.value)


def _objects(document: Located) -> list[Located]:
    value = document.value
    path = () if isinstance(value, list) else ("items",)
    items = cast("Any", value) if isinstance(value, list) else _fields(value).get("items")
    if not isinstance(items, list):
        return [document] if isinstance(value, dict) else []
    members = cast("list[Any]", items)[:_MOST_OBJECTS]
    return [document.part((*path, at), one) for at, one in enumerate(members) if isinstance(one, dict)]


def _fields(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _statements(one: Located) -> Iterable[Statement]:
    fields = _fields(one.value)
    kind = str(fields.get("kind", ""))
    if kind == "Event" and (event := _read(Event, _as_core(fields))):
        said = event_statement(event, event.times)
        return [replace(said, path=("note",)) if "note" in fields else said]
    # a manifest says what is to be, and nothing of what is
    if not _fields(fields.get("status")):
        return []
    return _of_kind(kind, fields)


def _as_core(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """An event of ``events.k8s.io``, whose object and text bear other names."""
    if "regarding" not in event:
        return event
    return {"involvedObject": event["regarding"], "message": event.get("note"), **event}


def _of_kind(kind: str, fields: Mapping[str, Any]) -> Iterable[Statement]:
    if kind in _WORKLOADS:
        return _said(Workload, fields, _of_workload)
    says: Mapping[str, Callable[[], Iterable[Statement]]] = {
        "Pod": lambda: _said(Pod, fields, pod_statements),
        "Application": lambda: _said(Application, fields, application_statements),
        "PersistentVolumeClaim": lambda: _said(VolumeClaim, fields, _of_claim),
        "Node": lambda: _said(Node, fields, node_statements),
        "InferenceService": lambda: _said(InferenceService, fields, _of_service),
    }
    return says[kind]() if kind in says else _said(Conditioned, fields, _of_any)


def _said(
    kind: type[M], fields: Mapping[str, Any], statements: Callable[[M], Iterable[Statement]]
) -> Iterable[Statement]:
    found = _read(kind, fields)
    return statements(found) if found else []


def _of_claim(claim: VolumeClaim) -> Iterable[Statement]:
    return [claim_statement(claim, ())]


def _of_any(one: Conditioned) -> Iterable[Statement]:
    texts = {"kind": one.kind, "name": one.metadata.name, "namespace": one.metadata.namespace}
    return condition_statements(one.status.conditions, texts)


def _of_service(service: InferenceService) -> Iterable[Statement]:
    meta = service.metadata
    texts = {"kind": "InferenceService", "name": meta.name, "namespace": meta.namespace}
    return condition_statements(service.status.conditions, texts)


def _of_workload(workload: Workload) -> Iterable[Statement]:
    owner = workload.metadata.controller
    if workload.kind == "ReplicaSet" and owner:
        return [replica_set_statement(workload, owner.name)]
    return workload_statements(workload)


def _read(kind: type[M], fields: Mapping[str, Any]) -> M | None:
    try:
        return kind.model_validate(fields)
    except ValidationError:
        return None
