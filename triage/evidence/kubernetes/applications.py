"""An Argo CD Application in lines: what git says, what runs, and what the last sync complained about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from triage.clock import stamp
from triage.evidence.item import EvidenceItem
from triage.evidence.kubernetes.answer import Answer
from triage.evidence.kubernetes.application import HEALTHY, Application, Operation, Resource
from triage.evidence.kubernetes.numbered import Numbered, nothing, saying, since
from triage.evidence.kubernetes.statement import Path, Statement, say

_MOST = 12
_MOST_DEPLOYED = 5
_SYNCED = frozenset({"", "Synced", "Pruned", "PruneSkipped"})


def application_items(applications: Answer[Application], now: datetime) -> Sequence[EvidenceItem]:
    """One item for each application."""
    if not applications.objects:
        source = "Argo CD Application"
        return [nothing("application", source, applications.status, applications.note, now)]
    return [_item(one, now) for one in applications.objects]


def _item(application: Application, now: datetime) -> EvidenceItem:
    lines = Numbered()
    name = application.metadata.name
    for statement in application_statements(application):
        say(lines, statement)
    return lines.item(f"application.{name}", f"Argo CD Application {name}", now)


def application_statements(application: Application) -> Iterable[Statement]:
    """What there is to say of an application."""
    name, status = application.metadata.name, application.status
    health = status.health
    yield Statement(
        f"Application {name}: sync {status.sync.status or 'Unknown'} "
        f"at revision {status.sync.revision or '?'}, "
        f"health {health.status or 'Unknown'}{since(health.last_transition_time)}",
        ("status", "health", "status") if health.status not in HEALTHY else ("status", "sync", "status"),
        "app",
        health.last_transition_time,
        texts={"application": name, "sync": status.sync.status, "health": health.status},
    )
    if status.operation_state:
        yield from _operation(status.operation_state)
    for at, one in enumerate(status.conditions):
        yield Statement(
            f"condition {one.type}{since(one.last_transition_time)}{saying(one.message)}",
            ("status", "conditions", at, "message"),
            "app.condition",
            one.last_transition_time,
            texts={"type": one.type, "message": one.message},
        )
    yield from _resources(status.resources)
    # the oldest comes first in the object
    for at, deployed in list(reversed(list(enumerate(status.history))))[:_MOST_DEPLOYED]:
        yield Statement(
            f"deployed revision {deployed.revision}{_at(deployed.deployed_at)}",
            ("status", "history", at, "revision"),
            "app.deployed",
            deployed.deployed_at,
            texts={"revision": deployed.revision},
        )


def _operation(operation: Operation) -> Iterable[Statement]:
    ended = f", ended{_at(operation.finished_at)}" if operation.finished_at else ", not ended"
    revision = operation.sync_result.revision
    path: Path = ("status", "operationState")
    yield Statement(
        f"the last sync, of revision {revision or '?'}, began{_at(operation.started_at)}{ended}: "
        f"{operation.phase or 'Unknown'}{saying(operation.message)}",
        (*path, "message" if operation.message else "phase"),
        "app.operation",
        operation.finished_at or operation.started_at,
        texts={"phase": operation.phase, "message": operation.message, "revision": revision},
    )
    refused = [pair for pair in enumerate(operation.sync_result.resources) if pair[1].status not in _SYNCED]
    for at, one in refused[:_MOST]:
        yield Statement(
            f"{one.kind} {_place(one)}: {one.status}{saying(one.message)}",
            (*path, "syncResult", "resources", at, "message" if one.message else "status"),
            "app.refused",
            operation.finished_at,
            texts={"kind": one.kind, "name": one.name, "status": one.status, "message": one.message},
        )


def _resources(resources: Sequence[Resource]) -> Iterable[Statement]:
    unwell = [
        pair
        for pair in enumerate(resources)
        if pair[1].health.status not in HEALTHY or pair[1].status not in _SYNCED
    ]
    worst_first = sorted(unwell, key=lambda pair: pair[1].health.status in HEALTHY)
    for at, one in worst_first[:_MOST]:
        health = one.health.status or "without health"
        path: Path = ("status", "resources", at)
        yield Statement(
            f"{one.kind} {_place(one)}: {one.status or 'Unknown'}, {health}{saying(one.health.message)}",
            (*path, "health", "message" if one.health.message else "status"),
            "app.resource",
            texts={
                "kind": one.kind,
                "name": one.name,
                "namespace": one.namespace,
                "status": one.status,
                "health": one.health.status,
                "message": one.health.message,
            },
        )


def _place(resource: Resource) -> str:
    return f"{resource.namespace}/{resource.name}" if resource.namespace else resource.name


def _at(moment: datetime | None) -> str:
    return f" at {stamp(moment)}" if moment else ""
