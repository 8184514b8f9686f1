"""Events as text: the table of ``kubectl get events`` in its forms, and the one that describe ends with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.evidence.files.age import age_seconds, times_in
from triage.evidence.files.outline import Part
from triage.evidence.files.table import Row, rows
from triage.evidence.item import Observation
from triage.evidence.log_time import written_time
from triage.evidence.tail import RawLine

_GAP = re.compile(r"\s{2,}|\t+")
#: how kubectl writes kinds before a slash
_KINDS = {
    "pod": "Pod", "po": "Pod", "deployment": "Deployment", "deploy": "Deployment", "replicaset": "ReplicaSet",
    "rs": "ReplicaSet", "statefulset": "StatefulSet", "sts": "StatefulSet", "daemonset": "DaemonSet",
    "job": "Job", "cronjob": "CronJob", "node": "Node", "persistentvolumeclaim": "PersistentVolumeClaim",
    "pvc": "PersistentVolumeClaim", "persistentvolume": "PersistentVolume", "service": "Service",
    "inferenceservice": "InferenceService", "horizontalpodautoscaler": "HorizontalPodAutoscaler",
    "application": "Application", "ingress": "Ingress", "certificate": "Certificate",
    "configmap": "ConfigMap", "namespace": "Namespace", "externalsecret": "ExternalSecret",
}  # fmt: skip
_CONTAINER = re.compile(r"\{([^}]+)\}")


@dataclass(frozen=True, slots=True)
class NotedEvent:
    """One event and the line that it stands on."""

    line: int
    kind: str
    name: str
    type: str
    reason: str
    message: str
    times: int = 1
    age: float | None = None
    at: datetime | None = None
    namespace: str = ""
    container: str = ""

    def observation(self, captured: datetime | None = None) -> Observation:
        """As the live collector notes it; an age becomes a time where it is known when it was printed."""
        at = self.at or (
            captured - timedelta(seconds=self.age) if captured and self.age is not None else None
        )
        texts = {
            "type": self.type,
            "reason": self.reason,
            "kind": self.kind,
            "object": self.name,
            "message": self.message,
        }
        more = {"namespace": self.namespace, "container": self.container}
        texts |= {name: text for name, text in more.items() if text}
        return Observation(
            name="event", line=self.line, at=at, numbers={"times": float(self.times)}, texts=texts
        )


def newest_first(events: Iterable[NotedEvent]) -> Sequence[NotedEvent]:
    """By time or age; events of which neither is known keep their order, behind the others."""
    return sorted(events, key=_order)


def _order(event: NotedEvent) -> tuple[int, float]:
    if event.at is not None:
        return 0, -event.at.timestamp()
    return (0, event.age - 1e10) if event.age is not None else (1, 0.0)


def events_of_table(lines: Sequence[RawLine]) -> Sequence[NotedEvent]:
    """The events of a table with a header."""
    return newest_first(one for row in rows(lines) if (one := _of_row(row)))


def is_event_header(names: Sequence[str]) -> bool:
    """Whether a table with these columns holds events."""
    return "reason" in names and ("message" in names or "note" in names)


def _of_row(row: Row) -> NotedEvent | None:
    kind, name = _object(row.get("object", "involved object"), row.get("kind"), row.get("name"))
    when = row.get("last seen", "lastseen", "last", "age", "time", "lasttimestamp", "timestamp")
    message, reason = row.get("message", "note"), row.get("reason")
    if not reason:
        return None
    count = row.get("count")
    where = _CONTAINER.search(row.get("subobject"))
    return NotedEvent(
        line=row.line.number,
        kind=kind,
        name=name,
        type=row.get("type") or "Normal",
        reason=reason,
        message=message,
        times=max(int(count) if count.isdecimal() else 1, times_in(when)),
        age=age_seconds(when),
        at=written_time(when),
        namespace=row.get("namespace"),
        container=where.group(1) if where else "",
    )


def _object(cell: str, kind: str, name: str) -> tuple[str, str]:
    if "/" in cell:
        kind, _, name = cell.partition("/")
    elif cell:
        name = cell
    short = kind.lower().split(".")[0]
    return _KINDS.get(short, _KINDS.get(short.removesuffix("s"), kind)), name


def events_of_description(part: Part | None, kind: str, name: str) -> Sequence[NotedEvent]:
    """The rows below ``Events:``, which are all about the one object."""
    found: list[NotedEvent] = []
    for row in part.walk() if part else ():
        cells = _GAP.split(row.line.raw.strip(), maxsplit=4)
        if len(cells) < 4 or cells[0] not in {"Normal", "Warning"}:
            continue
        when = cells[2]
        said = cells[4] if len(cells) == 5 else cells[3]
        found.append(
            NotedEvent(
                line=row.line.number,
                kind=kind,
                name=name,
                type=cells[0],
                reason=cells[1],
                message=said.strip(),
                times=times_in(when),
                age=age_seconds(when),
                at=written_time(when),
            )
        )
    return newest_first(found)
