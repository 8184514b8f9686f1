"""Deployments, ReplicaSets and InferenceServices in lines: how far a rollout is, and what holds it up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from triage.evidence.item import EvidenceItem
from triage.evidence.kubernetes.foreign import Condition
from triage.evidence.kubernetes.numbered import Numbered, nothing, saying, since
from triage.evidence.kubernetes.statement import Statement, say
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
    meta = workload.metadata
    for statement in workload_statements(workload):
        say(lines, statement)
    for one in replica_sets:
        owner = one.metadata.controller
        if owner and owner.name == meta.name:
            say(lines, replica_set_statement(one, meta.name))
    source = f"{workload.kind} {meta.namespace}/{meta.name}"
    return lines.item(f"{workload.kind.lower()}.{meta.name}", source, now, note)


def workload_statements(workload: Workload) -> Iterable[Statement]:
    """What there is to say of a workload, apart from its ReplicaSets."""
    meta, status = workload.metadata, workload.status
    yield Statement(
        f"{workload.kind} {meta.namespace}/{meta.name}: {_replicas(workload)}",
        ("status", "replicas"),
        "workload",
        numbers=_numbers(workload),
        texts=_texts(workload),
    )
    if meta.generation > status.observed_generation and workload.kind != "Job":
        yield Statement(
            f"generation {meta.generation} is not yet acted upon: {status.observed_generation} is",
            ("status", "observedGeneration"),
        )
    yield from condition_statements(status.conditions, _texts(workload))


def replica_set_statement(replica_set: Workload, deployment: str) -> Statement:
    """What a ReplicaSet tells of its Deployment's history."""
    meta = replica_set.metadata
    images = ", ".join(container.image for container in replica_set.spec.template.spec.containers)
    return Statement(
        f"ReplicaSet {meta.name}, revision {replica_set.revision}{since(meta.creation_timestamp)}: "
        f"{replica_set.status.ready_replicas} of {replica_set.spec.replicas} ready, images {images or '?'}",
        ("status", "replicas"),
        "workload.replica_set",
        meta.creation_timestamp,
        {**_numbers(replica_set), "revision": float(replica_set.revision)},
        {**_texts(replica_set), "deployment": deployment, "image": images},
    )


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
    for statement in condition_statements(status.conditions, {"kind": "InferenceService", "name": meta.name}):
        say(lines, statement)
    released = {name: value for name, value in meta.annotations.items() if name.startswith(_DOMAIN)}
    for name, value in sorted(released.items()):
        lines.add(f"annotation {name} is {value}")
    source = f"InferenceService {meta.namespace}/{meta.name}"
    return lines.item(f"inferenceservice.{meta.name}", source, now)


def condition_statements(conditions: Sequence[Condition], texts: Mapping[str, str]) -> Iterable[Statement]:
    """What there is to say of the conditions of the object that ``texts`` names."""
    for at, one in enumerate(conditions):
        said = {"type": one.type, "status": one.status, "reason": one.reason, "message": one.message}
        yield Statement(
            f"condition {one.type} is {one.status}{since(one.since)}{saying(one.reason, one.message)}",
            ("status", "conditions", at, "message" if one.message else "status"),
            "workload.condition",
            one.since,
            texts={**texts, **said},
        )


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
