"""Deployments, ReplicaSets and InferenceServices in lines: how far a rollout is, and what holds it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from triage.evidence.item import EvidenceItem
from triage.evidence.kubernetes.foreign import Condition
from triage.evidence.kubernetes.numbered import Numbered, nothing, saying, since
from triage.evidence.kubernetes.subjects import Subjects
from triage.evidence.kubernetes.workload import InferenceService, Workload

_DOMAIN = "homeostat.dev/"


def workload_items(subjects: Subjects, now: datetime) -> Sequence[EvidenceItem]:
    """One item for each workload and each InferenceService."""
    items = [_service(one, now) for one in subjects.services.objects]
    if not items and subjects.services.status not in _QUIET:
        answer = subjects.services
        items.append(nothing("inferenceservice", "KServe InferenceService", answer.status, answer.note, now))
    if not subjects.workloads.objects:
        answer = subjects.workloads
        return [*items, nothing("workloads", "Kubernetes workloads", answer.status, answer.note, now)]
    made = subjects.replica_sets
    return [*items, *(_workload(one, made.objects, made.note, now) for one in subjects.workloads.objects)]


def _workload(workload: Workload, replica_sets: Sequence[Workload], note: str, now: datetime) -> EvidenceItem:
    lines = Numbered()
    meta, status = workload.metadata, workload.status
    lines.add(f"{workload.kind} {meta.namespace}/{meta.name}: {_replicas(workload)}")
    lines.observe("workload", numbers=_numbers(workload), texts=_texts(workload))
    if meta.generation > status.observed_generation and workload.kind != "Job":
        lines.add(f"generation {meta.generation} is not yet acted upon: {status.observed_generation} is")
    _conditions(lines, status.conditions, _texts(workload))
    for one in replica_sets:
        owner = one.metadata.controller
        if owner and owner.name == meta.name:
            images = ", ".join(container.image for container in one.spec.template.spec.containers)
            made = since(one.metadata.creation_timestamp)
            lines.add(
                f"ReplicaSet {one.metadata.name}, revision {one.revision}{made}: "
                f"{one.status.ready_replicas} of {one.spec.replicas} ready, images {images or '?'}"
            )
            numbers = {**_numbers(one), "revision": float(one.revision)}
            texts = {**_texts(one), "deployment": meta.name, "image": images}
            lines.observe("workload.replica_set", one.metadata.creation_timestamp, numbers, texts)
    source = f"{workload.kind} {meta.namespace}/{meta.name}"
    return lines.item(f"{workload.kind.lower()}.{meta.name}", source, now, note)


def _replicas(workload: Workload) -> str:
    spec, status = workload.spec, workload.status
    if workload.kind == "Job":
        return f"{status.succeeded} succeeded, {status.failed} failed"
    if workload.kind == "DaemonSet":
        return f"{status.number_ready} of {status.desired_number_scheduled} ready"
    return (
        f"{status.ready_replicas} of {spec.replicas} ready, {status.updated_replicas} updated, "
        f"{status.available_replicas} available, {status.unavailable_replicas} unavailable"
    )


def _service(service: InferenceService, now: datetime) -> EvidenceItem:
    lines = Numbered()
    meta, status = service.metadata, service.status
    transition = status.model_status.transition_status
    lines.add(f"InferenceService {meta.namespace}/{meta.name}, transition {transition or 'unknown'}")
    _conditions(lines, status.conditions, {"kind": "InferenceService", "name": meta.name})
    released = {name: value for name, value in meta.annotations.items() if name.startswith(_DOMAIN)}
    for name, value in sorted(released.items()):
        lines.add(f"annotation {name} is {value}")
    source = f"InferenceService {meta.namespace}/{meta.name}"
    return lines.item(f"inferenceservice.{meta.name}", source, now)


def _conditions(lines: Numbered, conditions: Sequence[Condition], texts: Mapping[str, str]) -> None:
    for one in conditions:
        lines.add(f"condition {one.type} is {one.status}{since(one.since)}{saying(one.reason, one.message)}")
        said = {"type": one.type, "status": one.status, "reason": one.reason, "message": one.message}
        lines.observe("workload.condition", one.since, texts={**texts, **said})


def _numbers(workload: Workload) -> Mapping[str, float]:
    spec, status = workload.spec, workload.status
    daemon = workload.kind == "DaemonSet"
    return {
        "desired": float(status.desired_number_scheduled if daemon else spec.replicas),
        "ready": float(status.number_ready if daemon else status.ready_replicas),
        "available": float(status.available_replicas),
    }


def _texts(workload: Workload) -> Mapping[str, str]:
    meta = workload.metadata
    return {"kind": workload.kind, "name": meta.name, "namespace": meta.namespace}


#: an alert without a model has no InferenceService, which is nothing to tell
_QUIET = frozenset({"ok", "empty"})
