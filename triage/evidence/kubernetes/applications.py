"""An Argo CD Application in lines: what git says, what runs, and what the last sync complained about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from triage.clock import stamp
from triage.evidence.item import EvidenceItem
from triage.evidence.kubernetes.answer import Answer
from triage.evidence.kubernetes.application import HEALTHY, Application, Operation, Resource
from triage.evidence.kubernetes.numbered import Numbered, nothing, saying, since

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
    name, status = application.metadata.name, application.status
    health = status.health
    lines.add(
        f"Application {name}: sync {status.sync.status or 'Unknown'} "
        f"at revision {status.sync.revision or '?'}, "
        f"health {health.status or 'Unknown'}{since(health.last_transition_time)}"
    )
    lines.observe(
        "app",
        health.last_transition_time,
        texts={"application": name, "sync": status.sync.status, "health": health.status},
    )
    if status.operation_state:
        _operation(lines, status.operation_state)
    for one in status.conditions:
        lines.add(f"condition {one.type}{since(one.last_transition_time)}{saying(one.message)}")
        texts = {"type": one.type, "message": one.message}
        lines.observe("app.condition", one.last_transition_time, texts=texts)
    _resources(
        lines,
        [one for one in status.resources if one.health.status not in HEALTHY or one.status not in _SYNCED],
    )
    # the oldest comes first in the object
    for deployed in list(reversed(status.history))[:_MOST_DEPLOYED]:
        lines.add(f"deployed revision {deployed.revision}{_at(deployed.deployed_at)}")
        lines.observe("app.deployed", deployed.deployed_at, texts={"revision": deployed.revision})
    return lines.item(f"application.{name}", f"Argo CD Application {name}", now)


def _operation(lines: Numbered, operation: Operation) -> None:
    ended = f", ended{_at(operation.finished_at)}" if operation.finished_at else ", not ended"
    revision = operation.sync_result.revision
    lines.add(
        f"the last sync, of revision {revision or '?'}, began{_at(operation.started_at)}{ended}: "
        f"{operation.phase or 'Unknown'}{saying(operation.message)}"
    )
    texts = {"phase": operation.phase, "message": operation.message, "revision": revision}
    lines.observe("app.operation", operation.finished_at or operation.started_at, texts=texts)
    refused = [one for one in operation.sync_result.resources if one.status not in _SYNCED]
    for one in refused[:_MOST]:
        lines.add(f"{one.kind} {_place(one)}: {one.status}{saying(one.message)}")
        texts = {"kind": one.kind, "name": one.name, "status": one.status, "message": one.message}
        lines.observe("app.refused", operation.finished_at, texts=texts)


def _resources(lines: Numbered, resources: Sequence[Resource]) -> None:
    worst_first = sorted(resources, key=lambda one: one.health.status in HEALTHY)
    for one in worst_first[:_MOST]:
        health = one.health.status or "without health"
        lines.add(
            f"{one.kind} {_place(one)}: {one.status or 'Unknown'}, {health}{saying(one.health.message)}"
        )
        texts = {
            "kind": one.kind,
            "name": one.name,
            "namespace": one.namespace,
            "status": one.status,
            "health": one.health.status,
            "message": one.health.message,
        }
        lines.observe("app.resource", texts=texts)


def _place(resource: Resource) -> str:
    return f"{resource.namespace}/{resource.name}" if resource.namespace else resource.name


def _at(moment: datetime | None) -> str:
    return f" at {stamp(moment)}" if moment else ""
