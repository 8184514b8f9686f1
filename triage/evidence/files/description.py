"""What ``kubectl describe`` says of an object, in the form in which the API would have said it.

Once it has that form, the same sentences and observations follow from it as from the live object, each on
the line of the description that says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from triage.evidence.files.custom_resource import custom_resource, is_custom_resource
from triage.evidence.files.event_text import NotedEvent, events_of_description
from triage.evidence.files.located import Located
from triage.evidence.files.outline import Part, outlined
from triage.evidence.kubernetes.statement import Path
from triage.evidence.kubernetes.workload import REVISION
from triage.evidence.log_time import written_time
from triage.evidence.tail import RawLine

_GAP = re.compile(r"\s{2,}|\t+")
_DESIRED = re.compile(r"(\d+) desired")
_READY = re.compile(r"(\d+) (ready|available|updated|unavailable|total)")
_REVISION = re.compile(r"deployment\.kubernetes\.io/revision: (\d+)")
#: an age this young says the minute at which it was printed well enough
_PRECISE_SECONDS = 7_200.0


@dataclass(slots=True)
class Draft:
    """An object as it is being put together."""

    content: dict[str, Any]
    lines: dict[Path, int] = field(default_factory=dict[Path, int])

    def put(self, path: Path, value: Any, part: Part | None) -> None:
        """Set ``value`` at ``path``, which stands on the line of ``part``, where there is a value."""
        if part is None or value in ("", None):
            return
        where: Any = self.content
        for key, following in pairwise(path):
            empty: Any = [] if isinstance(following, int) else {}
            where = where[key] if isinstance(key, int) else where.setdefault(key, empty)
            if isinstance(following, int):
                where += [{} for _ in range(following + 1 - len(where))]
        where[path[-1]] = value
        self.lines[path] = part.line.number


@dataclass(frozen=True, slots=True)
class Description:
    """One described object."""

    kind: str
    object: Located
    events: Sequence[NotedEvent]
    #: when it was printed, as far as its times and ages together tell
    captured: datetime | None = None


def describe(lines: Sequence[RawLine]) -> Description:
    """Read the description of one object."""
    root = outlined(lines)
    kind = kind_of(root)
    if is_custom_resource(root):
        events = events_of_description(root.get("Events"), kind, root.text("Name"))
        return Description(kind, custom_resource(root), events)
    draft = Draft({"kind": kind, "metadata": {}, "spec": {}, "status": {}})
    draft.lines[()] = lines[0].number
    draft.put(("metadata", "name"), root.text("Name"), root.get("Name"))
    draft.put(("metadata", "namespace"), root.text("Namespace"), root.get("Namespace"))
    if fill := _FILL.get(kind):
        fill(draft, root)
    events = events_of_description(root.get("Events"), kind, root.text("Name"))
    return Description(kind, Located(draft.content, draft.lines), events, _captured(root, events))


def kind_of(root: Part) -> str:
    """The kind of the object, by the fields that only that kind has."""
    if kind := root.text("Kind"):
        return kind
    has = {part.key for part in root.below}
    for kind, keys in _SIGNS:
        if keys <= has:
            return kind
    return ""


_SIGNS: Sequence[tuple[str, frozenset[str]]] = (
    ("Deployment", frozenset({"Replicas", "StrategyType"})),
    ("DaemonSet", frozenset({"Desired Number of Nodes Scheduled"})),
    ("StatefulSet", frozenset({"Replicas", "Update Strategy"})),
    ("Job", frozenset({"Parallelism"})),
    ("ReplicaSet", frozenset({"Replicas", "Pod Template"})),
    ("PersistentVolumeClaim", frozenset({"StorageClass", "Access Modes", "VolumeMode"})),
    ("PersistentVolumeClaim", frozenset({"StorageClass", "Used By"})),
    ("Node", frozenset({"Capacity", "Allocatable"})),
    ("Node", frozenset({"Taints", "Unschedulable"})),
    ("Service", frozenset({"Selector", "Endpoints", "Port"})),
    ("Service", frozenset({"Selector", "Endpoints", "Session Affinity"})),
    ("HorizontalPodAutoscaler", frozenset({"Min replicas", "Max replicas"})),
    ("Pod", frozenset({"Containers"})),
    ("Pod", frozenset({"Init Containers"})),
    ("Pod", frozenset({"QoS Class"})),
)


def _pod(draft: Draft, root: Part) -> None:
    node = root.text("Node").split("/")[0]
    draft.put(("spec", "nodeName"), node, root.get("Node"))
    draft.put(("status", "startTime"), _when(root.text("Start Time")), root.get("Start Time"))
    draft.put(("status", "phase"), root.text("Status").split(" (")[0] or "Unknown", root.get("Status"))
    draft.put(("status", "reason"), root.text("Reason"), root.get("Reason"))
    draft.put(("status", "message"), root.text("Message"), root.get("Message"))
    if root.text("Status").startswith("Terminating"):
        draft.content["status"]["phase"] = "Running"
    for heading, declared, key in (
        ("Init Containers", "initContainers", "initContainerStatuses"),
        ("Containers", "containers", "containerStatuses"),
    ):
        heads = root.get(heading)
        for at, one in enumerate(heads.below if heads else ()):
            _container(draft, one, ("spec", declared, at), ("status", key, at))
    _conditions(draft, root)
    volumes = root.get("Volumes")
    for at, one in enumerate(volumes.below if volumes else ()):
        draft.put(("spec", "volumes", at, "name"), one.key, one)
        draft.put(
            ("spec", "volumes", at, "persistentVolumeClaim", "claimName"),
            one.text("ClaimName"),
            one.get("ClaimName"),
        )


def _container(draft: Draft, part: Part, spec: Path, status: Path) -> None:
    draft.put((*spec, "name"), part.key, part)
    draft.put((*status, "name"), part.key, part)
    draft.put((*spec, "image"), part.text("Image"), part.get("Image"))
    draft.put((*status, "image"), part.text("Image"), part.get("Image"))
    ready, restarts = part.get("Ready"), part.get("Restart Count")
    draft.put((*status, "ready"), part.text("Ready") == "True", ready)
    count = part.text("Restart Count").split(" ")[0]
    draft.put((*status, "restartCount"), int(count) if count.isdecimal() else None, restarts)
    for heading, key in (("Limits", "limits"), ("Requests", "requests")):
        amounts = part.get(heading)
        for one in amounts.below if amounts else ():
            if one.key:
                draft.put((*spec, "resources", key, one.key), one.value.strip(), one)
    for heading, key in (("State", "state"), ("Last State", "lastState")):
        if state := part.get(heading):
            _state(draft, state, (*status, key))


def _state(draft: Draft, part: Part, path: Path) -> None:
    kind = part.value.strip().lower()
    if kind not in {"waiting", "running", "terminated"}:
        return
    inner = (*path, kind)
    draft.put(inner, {}, part)
    for heading, key in (("Reason", "reason"), ("Message", "message")):
        draft.put((*inner, key), part.text(heading), part.get(heading))
    for heading, key in (("Exit Code", "exitCode"), ("Signal", "signal")):
        number = part.text(heading)
        draft.put((*inner, key), int(number) if number.isdecimal() else None, part.get(heading))
    for heading, key in (("Started", "startedAt"), ("Finished", "finishedAt")):
        draft.put((*inner, key), _when(part.text(heading)), part.get(heading))


def _conditions(draft: Draft, root: Part) -> None:
    """A table of Type and Status, with Reason, times and Message for some kinds."""
    part = root.get("Conditions")
    table = list(part.walk()) if part else []
    if not table:
        return
    header = [name.replace(" ", "") for name in _GAP.split(table[0].line.raw.strip())]
    keys = [{"LastTransitionTime": "lastTransitionTime"}.get(name, name.lower()) for name in header]
    at = 0
    for row in table[1:]:
        raw = row.line.raw.strip()
        if raw.startswith("---"):
            continue
        cells = _GAP.split(raw, maxsplit=max(0, len(keys) - 1))
        if len(cells) < 2:
            continue
        for key, cell in zip(keys, cells, strict=False):
            value = _when(cell) if key == "lastTransitionTime" else cell.strip()
            draft.put(("status", "conditions", at, key), value, row)
        at += 1


def _workload(draft: Draft, root: Part) -> None:
    replicas = root.get("Replicas")
    said = root.text("Replicas")
    desired = _DESIRED.search(said)
    draft.put(("spec", "replicas"), int(desired.group(1)) if desired else None, replicas)
    counts = {name: int(number) for number, name in _READY.findall(said)}
    # of a Deployment kubectl says "available" alone
    ready = counts.get("ready", counts.get("available"))
    pods = root.text("Pods Status") or root.text("Pods Statuses")
    if ready is None and (running := re.search(r"(\d+) Running", pods)):
        ready = int(running.group(1))
    draft.put(("status", "replicas"), counts.get("total", 0), replicas)
    draft.put(("status", "readyReplicas"), ready, replicas)
    draft.put(("status", "availableReplicas"), counts.get("available", ready), replicas)
    draft.put(("status", "updatedReplicas"), counts.get("updated"), replicas)
    draft.put(("status", "unavailableReplicas"), counts.get("unavailable"), replicas)
    daemon = root.get("Desired Number of Nodes Scheduled")
    if daemon and daemon.value.strip().isdecimal():
        draft.put(("status", "desiredNumberScheduled"), int(daemon.value), daemon)
        available = root.get("Number of Nodes Scheduled with Available Pods")
        draft.put(("status", "replicas"), int(daemon.value), daemon)
        draft.put(("status", "numberReady"), _whole(available), available)
    _conditions(draft, root)
    containers = root.get("Pod Template", "Containers")
    for at, one in enumerate(containers.below if containers else ()):
        path: Path = ("spec", "template", "spec", "containers", at)
        draft.put((*path, "name"), one.key, one)
        draft.put((*path, "image"), one.text("Image"), one.get("Image"))


def _whole(part: Part | None) -> int | None:
    return int(part.value) if part and part.value.strip().isdecimal() else None


def _replica_set(draft: Draft, root: Part) -> None:
    _workload(draft, root)
    kind, _, owner = root.text("Controlled By").partition("/")
    if owner:
        made_by = {"kind": kind, "name": owner, "controller": True}
        draft.put(("metadata", "ownerReferences", 0), made_by, root.get("Controlled By"))
    notes = root.get("Annotations")
    for note in (notes, *notes.below) if notes else ():
        if found := _REVISION.search(note.line.raw):
            draft.put(("metadata", "annotations", REVISION), found.group(1), note)
    said = re.search(r"(\d+) current / (\d+) desired", root.text("Replicas"))
    draft.put(("spec", "replicas"), int(said.group(2)) if said else None, root.get("Replicas"))


def _claim(draft: Draft, root: Part) -> None:
    draft.put(("spec", "storageClassName"), root.text("StorageClass"), root.get("StorageClass"))
    draft.put(("spec", "volumeName"), root.text("Volume"), root.get("Volume"))
    draft.put(("status", "phase"), root.text("Status"), root.get("Status"))
    draft.put(("status", "capacity", "storage"), root.text("Capacity"), root.get("Capacity"))


def _service(draft: Draft, root: Part) -> None:
    """A Service has no conditions; that nothing stands behind it is said as one."""
    endpoints = root.get("Endpoints")
    if endpoints is None or root.text("Endpoints") or not root.text("Selector"):
        return
    said = f"it has no endpoints: no ready pod matches its selector {root.text('Selector')}"
    for key, value in (("type", "Ready"), ("status", "False"), ("reason", "NoEndpoints"), ("message", said)):
        draft.put(("status", "conditions", 0, key), value, endpoints)


def _node(draft: Draft, root: Part) -> None:
    _node_conditions(draft, root)
    if root.text("Unschedulable") == "true":
        draft.put(("spec", "unschedulable"), "true", root.get("Unschedulable"))


def _node_conditions(draft: Draft, root: Part) -> None:
    """Type, Status, two times, Reason and Message."""
    part = root.get("Conditions")
    at = 0
    for row in part.walk() if part else ():
        cells = _GAP.split(row.line.raw.strip(), maxsplit=5)
        if len(cells) < 5 or cells[0] in {"Type", "----"}:
            continue
        path: Path = ("status", "conditions", at)
        for key, value in (("type", cells[0]), ("status", cells[1]), ("reason", cells[4])):
            draft.put((*path, key), value, row)
        draft.put((*path, "lastTransitionTime"), _when(cells[3]), row)
        draft.put((*path, "message"), cells[5] if len(cells) > 5 else "", row)
        at += 1


_FILL: Mapping[str, Callable[[Draft, Part], None]] = {
    "Pod": _pod,
    "Deployment": _workload,
    "StatefulSet": _workload,
    "ReplicaSet": _replica_set,
    "DaemonSet": _workload,
    "Job": _workload,
    "PersistentVolumeClaim": _claim,
    "Node": _node,
    "HorizontalPodAutoscaler": _conditions,
    "Service": _service,
}


def _when(text: str) -> datetime | None:
    return written_time(text) if text else None


def _captured(root: Part, events: Sequence[NotedEvent]) -> datetime | None:
    """A pod that was just scheduled started then: its start and the event's age give the present."""
    started = _when(root.text("Start Time"))
    scheduled = next((one for one in events if one.reason == "Scheduled"), None)
    if started is None or scheduled is None or scheduled.age is None or scheduled.age > _PRECISE_SECONDS:
        return None
    return started + timedelta(seconds=scheduled.age)
